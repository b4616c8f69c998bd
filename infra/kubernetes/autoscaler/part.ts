import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { Size } from '../../../policies/model/service.ts'
import { keda } from '../../local/keda.ts'
import { apiServerPort } from '../../local/state.ts'
import type { Certificate } from '../context.ts'
import { headless, podLabels } from '../names.ts'
import { checksum, secretData } from '../output-resolver.ts'
import { imageOf } from '../workload/image.ts'
import { namesEgress, peer, tcp } from '../workload/network.ts'
import { platformDeployment, platformFolders } from '../workload/platform-deployment.ts'
import { kubeletProbes, type Question } from '../workload/probe.ts'
import { resources } from '../workload/resources.ts'
import { containerSecurity } from '../workload/security.ts'
import { ports } from './ports.ts'
import type { LocalKedaScope } from './scope.ts'

const { namespace } = keda

export interface PartProps {
  readonly name: string
  readonly image: string
  readonly certificate: Certificate
  readonly size: Size
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly probes: { readonly alive: Question; readonly ready: Question }
  /** Where others call it: at the Service, and at the pod. */
  readonly called: { readonly name: string; readonly port: number; readonly at: number }
  /** Who calls it there. */
  readonly from: k8s.NetworkPolicyPeer
  /** Whom it calls beside the name server and the API server. */
  readonly to: readonly { readonly peer: k8s.NetworkPolicyPeer; readonly port: number }[]
  /** Whether two pods may be there at once. */
  readonly overlap: boolean
}

/** One program of KEDA in one pod, with its certificate at `tls`, its names, and the way to it and from it. */
export class Part extends Construct {
  constructor(parent: Construct, scope: LocalKedaScope, props: PartProps) {
    super(parent, props.name)
    const { name, certificate } = props
    const tls = {
      'tls.crt': certificate.certificate,
      'tls.key': certificate.key,
      'ca.crt': scope.context.secrets.authority,
    }
    new k8s.KubeSecret(this, 'tls', {
      metadata: { name: `${name}-tls`, namespace },
      type: 'Opaque',
      data: secretData(tls),
    })
    this.#network(scope, props)
    this.#services(props)
    const { volumes, volumeMounts } = platformFolders({ tls: `${name}-tls` })
    platformDeployment(this, scope, {
      name,
      namespace,
      labels: podLabels(name),
      ...(props.overlap ? {} : { strategy: { type: 'Recreate' } }),
      files: checksum(tls),
      grace: 10,
      container: { ...this.#container(scope, props), volumeMounts },
      volumes,
    })
  }

  #container(scope: LocalKedaScope, { name, image, args, env, probes, size, called }: PartProps): k8s.Container {
    return {
      name,
      image: imageOf(scope, image),
      imagePullPolicy: 'IfNotPresent',
      args: [...args],
      env: [
        ...Object.entries(env).map(([key, value]) => ({ name: key, value })),
        { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      ],
      ports: [
        { name: called.name, containerPort: called.at, protocol: 'TCP' },
        { name: 'metrics', containerPort: ports.metrics, protocol: 'TCP' },
      ],
      ...kubeletProbes(probes, '60s'),
      resources: resources(size),
      securityContext: containerSecurity,
    }
  }

  #services({ name, called }: PartProps): void {
    const labels = podLabels(name)
    const spec = { type: 'ClusterIP', selector: labels }
    const target = k8s.IntOrString.fromNumber(called.at)
    new k8s.KubeService(this, 'service', {
      metadata: { name, namespace, labels },
      spec: { ...spec, ports: [{ name: called.name, port: called.port, targetPort: target, protocol: 'TCP' }] },
    })
    new k8s.KubeService(this, 'headless', {
      metadata: { name: headless(name), namespace, labels },
      spec: { ...spec, clusterIp: 'None', ports: [{ name: 'metrics', port: ports.metrics, protocol: 'TCP' }] },
    })
  }

  #network(scope: LocalKedaScope, { name, called, from, to }: PartProps): void {
    new k8s.KubeNetworkPolicy(this, 'network', {
      metadata: { name, namespace },
      spec: {
        podSelector: { matchLabels: podLabels(name) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          { from: [from], ports: [tcp(called.at)] },
          { from: [peer(scope, 'prometheus')], ports: [tcp(ports.metrics)] },
        ],
        egress: [
          namesEgress,
          { to: [node(scope)], ports: [tcp(apiServerPort)] },
          ...to.map((one) => ({ to: [one.peer], ports: [tcp(one.port)] })),
        ],
      },
    })
  }
}

/** The machine, where the API server is. */
export const node = ({ cluster }: LocalKedaScope): k8s.NetworkPolicyPeer => ({
  ipBlock: { cidr: `${cluster.nodeAddress}/32` },
})
