import type { Input } from '@pulumi/pulumi'
import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import { seconds } from '../../../../policies/model/units.ts'
import { mesh } from '../../../local/mesh.ts'
import { headless, mounted, nodeOf, podLabels } from '../../names.ts'
import { checksum, secretData } from '../../output-resolver.ts'
import { imageOf } from '../../workload/image.ts'
import { namesEgress, peer, podsIn, tcp } from '../../workload/network.ts'
import { platformDeployment, platformFolders } from '../../workload/platform-deployment.ts'
import { kubeletProbes } from '../../workload/probe.ts'
import { resources } from '../../workload/resources.ts'
import { containerSecurity } from '../../workload/security.ts'
import { entrance, ingressPort } from '../gateways.ts'
import { gatewayOf } from '../identity.ts'
import { meshObject } from '../object.ts'
import { bootstrap, drainPath, drainTime } from './bootstrap.ts'
import { ports } from './ports.ts'
import type { LocalMeshScope } from './scope.ts'

const { name, namespace, labels: gatewayLabels } = gatewayOf('ingress')
const labels = { ...podLabels(name), ...gatewayLabels }

/** The services behind the gateway: those that are reached by rules of an operator. */
const behind = ({ policies }: LocalMeshScope): string => policies.traffic.canary.service

/** The way in to what answers through the mesh: Envoy, whose program is the control plane's. */
export class Gateway extends Construct {
  constructor(parent: Construct, scope: LocalMeshScope) {
    super(parent, 'gateway')
    const { namespace: owner } = nodeOf(scope, behind(scope))
    meshObject(
      this,
      'gateway',
      'Gateway',
      { name, namespace },
      { selector: gatewayLabels, servers: [entrance(name, [owner])] },
    )
    // Left to itself Envoy collects changes of a cluster's pods for a second, and would call a pod that long which it has just ejected.
    meshObject(
      this,
      'ejections-at-once',
      'EnvoyFilter',
      { name, namespace },
      {
        workloadSelector: { labels: gatewayLabels },
        configPatches: [
          {
            applyTo: 'CLUSTER',
            match: { context: 'GATEWAY' },
            patch: { operation: 'MERGE', value: { common_lb_config: { update_merge_window: '0s' } } },
          },
        ],
      },
    )
    this.#account()
    this.#network(scope)
    this.#services(scope)
    this.#deployment(scope, this.#files(scope))
    new k8s.KubePodDisruptionBudget(this, 'budget', {
      metadata: { name, namespace },
      spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    })
  }

  /** Its files; the certificate is in a Secret of its kind too, from which the control plane hands it on. Answers their checksum. */
  #files(scope: LocalMeshScope): Input<string> {
    const { certificate, key } = scope.mesh.certificates.gateway
    const secret = (id: string, secretName: string, type: string, files: Readonly<Record<string, typeof key>>) =>
      new k8s.KubeSecret(this, id, {
        metadata: { name: secretName, namespace },
        type,
        data: secretData(files),
      })
    const pair = { 'tls.crt': certificate, 'tls.key': key }
    const { authority } = scope.context.secrets
    secret('credential', `${name}-tls`, 'kubernetes.io/tls', pair)
    // By which it knows the pods that it calls, where a rule names it.
    secret('authority', 'workload-authority', 'Opaque', { 'ca.crt': authority })
    secret('tls', `${name}-pod-tls`, 'Opaque', { ...pair, 'ca.crt': authority })
    const config = { 'envoy.json': JSON.stringify(bootstrap(scope)) }
    new k8s.KubeConfigMap(this, 'config', { metadata: { name: `${name}-config`, namespace }, data: config })
    return checksum({ ...config, ...pair, 'ca.crt': authority })
  }

  #deployment(scope: LocalMeshScope, files: Input<string>): void {
    const { volumes, volumeMounts } = platformFolders({ config: `${name}-config`, tls: `${name}-pod-tls` })
    platformDeployment(this, scope, {
      name,
      namespace,
      labels,
      replicas: scope.sizes.gateways,
      files,
      grace: seconds(drainTime) + 10,
      container: { ...this.#container(scope), volumeMounts },
      volumes,
      pod: { automountServiceAccountToken: false },
    })
  }

  #container(scope: LocalMeshScope): k8s.Container {
    const ready = { kind: 'http', port: ports.ready, path: '/healthz/ready' } as const
    const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
    return {
      name: 'envoy',
      image: imageOf(scope, 'envoy'),
      imagePullPolicy: 'IfNotPresent',
      args: [
        '--config-path',
        mounted('config', 'envoy.json'),
        // Istio's spelling: what kind of node, its address, its name, its names' domain.
        '--service-node',
        `router~$(ND_ADDRESS)~$(ND_POD).${namespace}~${namespace}.svc.${scope.context.domain}`,
        ...['--concurrency', '1', '--log-level', 'warning', '--disable-hot-restart'],
        // A connection ends with its next answer, at all of them at once.
        ...['--drain-time-s', `${seconds(drainTime)}`, '--drain-strategy', 'immediate'],
      ],
      env: [
        { name: 'ND_POD', ...field('metadata.name') },
        { name: 'ND_ADDRESS', ...field('status.podIP') },
      ],
      ports: [
        { name: 'https', containerPort: ingressPort, protocol: 'TCP' },
        { name: 'metrics', containerPort: ports.metrics, protocol: 'TCP' },
      ],
      lifecycle: { preStop: { httpGet: { path: drainPath, port: k8s.IntOrString.fromNumber(ports.drain) } } },
      // Alive is who answers at all: a program that has not come yet is no reason for another start.
      ...kubeletProbes({ alive: { kind: 'tcp', port: ports.ready }, ready }, '60s'),
      resources: resources(scope.sizes.gateway),
      securityContext: containerSecurity,
    }
  }

  #services(scope: LocalMeshScope): void {
    const https = { name: 'https', port: ingressPort, targetPort: k8s.IntOrString.fromNumber(ingressPort) }
    const metrics = { name: 'metrics', port: ports.metrics, protocol: 'TCP' }
    new k8s.KubeService(this, 'entry', {
      metadata: { name, namespace, labels },
      spec: {
        type: 'NodePort',
        selector: labels,
        ports: [{ ...https, protocol: 'TCP', nodePort: scope.sizes.nodePort }],
      },
    })
    new k8s.KubeService(this, 'headless', {
      metadata: { name: headless(name), namespace, labels },
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        publishNotReadyAddresses: true,
        selector: labels,
        ports: [metrics],
      },
    })
  }

  /** The account has a right and no token: the control plane asks the API whether who shows the certificate may read Secrets here. */
  #account(): void {
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name, namespace },
      automountServiceAccountToken: false,
    })
    new k8s.KubeRole(this, 'role', {
      metadata: { name, namespace },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }],
    })
    new k8s.KubeRoleBinding(this, 'binding', {
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    })
  }

  #network(scope: LocalMeshScope): void {
    const { namespace: owner, ports: called } = nodeOf(scope, behind(scope))
    new k8s.KubeNetworkPolicy(this, 'network', {
      metadata: { name, namespace },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [tcp(ingressPort)] }, { from: [peer(scope, 'prometheus')], ports: [tcp(ports.metrics)] }],
        egress: [
          namesEgress,
          { to: [podsIn(mesh.namespace, podLabels(mesh.control))], ports: [tcp(ports.discovery)] },
          { to: [podsIn(owner)], ports: Object.values(called).map(tcp) },
        ],
      },
    })
    const monitored = nodeOf(scope, 'prometheus').namespace
    new k8s.KubeNetworkPolicy(this, 'monitoring', {
      metadata: { name: 'prometheus-mesh', namespace: monitored },
      spec: {
        podSelector: { matchLabels: podLabels('prometheus') },
        policyTypes: ['Egress'],
        egress: [{ to: [podsIn(namespace)], ports: [tcp(ports.metrics), tcp(ports.controlMetrics)] }],
      },
    })
  }
}
