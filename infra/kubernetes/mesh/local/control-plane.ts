import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import { mesh } from '../../../local/mesh.ts'
import { apiServerPort } from '../../../local/state.ts'
import { headless, mounted, podLabels } from '../../names.ts'
import { checksum, secretData } from '../../output-resolver.ts'
import { imageOf } from '../../workload/image.ts'
import { namesEgress, peer, podsIn, tcp } from '../../workload/network.ts'
import { platformDeployment, platformFolders } from '../../workload/platform-deployment.ts'
import { kubeletProbes } from '../../workload/probe.ts'
import { resources } from '../../workload/resources.ts'
import { containerSecurity } from '../../workload/security.ts'
import { gatewayOf } from '../identity.ts'
import { ports } from './ports.ts'
import type { LocalMeshScope } from './scope.ts'

const { namespace, control: name } = mesh
const labels = { ...podLabels(name), app: name }

/** What every proxy is told. No proxy but the gateway's is there, and that one has no agent which would sign certificates for it. */
const meshConfig = (scope: LocalMeshScope) => ({
  trustDomain: scope.context.domain,
  accessLogFile: '',
  // Otherwise each cluster of a pod that says it speaks mutual TLS waits for an agent for ever.
  enableAutoMtls: false,
  outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  defaultConfig: { discoveryAddress: `${name}.${namespace}.svc:${ports.discovery}` },
})

/** What is switched off, and why: docs/mesh.md. */
const settings: Readonly<Record<string, string>> = {
  // An Envoy as its project makes it has none of Istio's own filters.
  PILOT_ENABLE_ALPN_FILTER: 'false',
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  PILOT_DISABLE_MX_ALPN: 'true',
  // Certificates are the region's authority's.
  ENABLE_CA_SERVER: 'false',
  PILOT_CERT_PROVIDER: 'none',
  // Nobody gets a proxy, and nobody asks whether an object is right.
  INJECT_ENABLED: 'false',
  INJECTION_WEBHOOK_CONFIG_NAME: '',
  VALIDATION_WEBHOOK_CONFIG_NAME: '',
  // One pod, and kinds that are not there.
  ENABLE_LEADER_ELECTION: 'false',
  PILOT_ENABLE_GATEWAY_API: 'false',
  PILOT_ENABLE_IP_AUTOALLOCATE: 'false',
  PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION: 'false',
  ENABLE_DEBUG_ON_HTTP: 'false',
  // The gateway hears of what its routes lead to, and of a pod that comes or goes at once.
  PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: 'true',
  PILOT_ENABLE_EDS_DEBOUNCE: 'false',
  CLUSTER_ID: 'Kubernetes',
}

/** The mesh's control plane: it reads services, pods and rules from the API, and programs the gateway. */
export class ControlPlane extends Construct {
  constructor(parent: Construct, scope: LocalMeshScope) {
    super(parent, name)
    this.#access()
    this.#network(scope)
    const { certificate, key } = scope.mesh.certificates.control
    const tls = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': scope.context.secrets.authority }
    const config = { mesh: JSON.stringify(meshConfig(scope)) }
    new k8s.KubeConfigMap(this, 'config', { metadata: { name: `${name}-config`, namespace }, data: config })
    new k8s.KubeSecret(this, 'tls', {
      metadata: { name: `${name}-tls`, namespace },
      type: 'Opaque',
      data: secretData(tls),
    })
    this.#services()
    const { volumes, volumeMounts } = platformFolders({ config: `${name}-config`, tls: `${name}-tls` })
    platformDeployment(this, scope, {
      name,
      namespace,
      labels,
      files: checksum({ ...config, ...tls }),
      grace: 15,
      container: { ...this.#container(scope), volumeMounts },
      volumes,
    })
  }

  #container(scope: LocalMeshScope): k8s.Container {
    const ready = { kind: 'http', port: ports.controlReady, path: '/ready' } as const
    return {
      name,
      image: imageOf(scope, name),
      imagePullPolicy: 'IfNotPresent',
      args: [
        'discovery',
        `--meshConfig=${mounted('config', 'mesh')}`,
        `--networksConfig=${mounted('config', 'networks')}`,
        `--domain=${scope.context.domain}`,
        `--tlsCertFile=${mounted('tls', 'tls.crt')}`,
        `--tlsKeyFile=${mounted('tls', 'tls.key')}`,
        `--caCertFile=${mounted('tls', 'ca.crt')}`,
        `--secureGRPCAddr=:${ports.discovery}`,
        '--grpcAddr=',
        '--httpsAddr=',
        `--httpAddr=:${ports.controlReady}`,
        `--monitoringAddr=:${ports.controlMetrics}`,
        '--ctrlz_address=127.0.0.1',
        '--profile=false',
      ],
      env: [
        ...Object.entries({ ...settings, POD_NAMESPACE: namespace }).map(([key, value]) => ({ name: key, value })),
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      ports: [
        { name: 'discovery', containerPort: ports.discovery, protocol: 'TCP' },
        { name: 'metrics', containerPort: ports.controlMetrics, protocol: 'TCP' },
      ],
      ...kubeletProbes({ alive: ready, ready }, '60s'),
      resources: resources(scope.sizes.control),
      securityContext: containerSecurity,
    }
  }

  #services(): void {
    const metrics = { name: 'http-metrics', port: ports.controlMetrics, protocol: 'TCP' }
    const spec = { type: 'ClusterIP', selector: labels }
    new k8s.KubeService(this, 'service', {
      metadata: { name, namespace, labels },
      spec: { ...spec, ports: [{ name: 'grpc-xds', port: ports.discovery, protocol: 'TCP' }] },
    })
    new k8s.KubeService(this, 'headless', {
      metadata: { name: headless(name), namespace, labels },
      spec: { ...spec, clusterIp: 'None', ports: [metrics] },
    })
  }

  /** It reads; it writes nothing but the question whether the gateway may have a certificate. */
  #access(): void {
    new k8s.KubeServiceAccount(this, 'account', { metadata: { name, namespace } })
    const read = ['get', 'list', 'watch']
    const role = `neurodefender:${name}`
    new k8s.KubeClusterRole(this, 'role', {
      metadata: { name: role },
      rules: [
        {
          apiGroups: [''],
          resources: ['services', 'pods', 'nodes', 'namespaces', 'endpoints', 'configmaps', 'secrets'],
          verbs: read,
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: read },
        {
          // Nobody is injected, but it looks who wants to be.
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
          verbs: read,
        },
        { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: read },
        {
          apiGroups: ['networking.istio.io', 'security.istio.io', 'telemetry.istio.io'],
          resources: ['*'],
          verbs: read,
        },
        { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
        { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      ],
    })
    new k8s.KubeClusterRoleBinding(this, 'binding', {
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    })
  }

  #network(scope: LocalMeshScope): void {
    new k8s.KubeNetworkPolicy(this, 'network', {
      metadata: { name, namespace },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          { from: [podsIn(namespace, gatewayOf('ingress').labels)], ports: [tcp(ports.discovery)] },
          { from: [peer(scope, 'prometheus')], ports: [tcp(ports.controlMetrics)] },
        ],
        egress: [
          namesEgress,
          { to: [{ ipBlock: { cidr: `${scope.cluster.nodeAddress}/32` } }], ports: [tcp(apiServerPort)] },
        ],
      },
    })
  }
}
