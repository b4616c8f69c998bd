import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { InferenceRegion } from '../../../policies/model/inference-region.ts'
import { mlInference } from '../../../policies/model/ml-inference.ts'
import type { Size } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { gatewayOf } from '../mesh/identity.ts'
import { certificateNames, commonLabels, headless, mounted, nodeOf, podLabels, port, portsOf } from '../names.ts'
import { secretData } from '../output-resolver.ts'
import { hasKeda, replicas } from '../replicas.ts'
import { issuedCertificate } from '../workload/certificate.ts'
import { certificateFiles } from '../workload/files.ts'
import { networkPolicy } from '../workload/network.ts'
import { gpuResource, placement } from '../workload/placement.ts'
import { appProtocol } from '../workload/services.ts'
import { Workload } from '../workload/workload.ts'
import { prometheusAccess } from './prometheus-access.ts'
import { prometheusAddress } from './scaled-object.ts'
import { tracesAddress } from './traces.ts'

const operator = 'operator'
const service = 'ml-inference'

type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** An object is applied by `patch`, and by `create` too where it is not there yet. */
const make: readonly Verb[] = ['get', 'list', 'watch', 'create', 'patch', 'delete']

/** What the operator may do, in its namespace alone. It reads no Secret, and changes nothing that it does not make. */
const rules: readonly {
  readonly group: string
  readonly resources: readonly string[]
  readonly verbs: readonly Verb[]
  readonly names?: readonly string[]
}[] = [
  { group: mlInference.group, resources: [mlInference.plural], verbs: ['get', 'list', 'watch', 'patch'] },
  { group: mlInference.group, resources: [`${mlInference.plural}/status`], verbs: ['patch'] },
  // Owner references that hold the owner's deletion up ask for this.
  { group: mlInference.group, resources: [`${mlInference.plural}/finalizers`], verbs: ['update'] },
  { group: '', resources: ['configmaps', 'services'], verbs: make },
  { group: '', resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { group: 'apps', resources: ['deployments'], verbs: make },
  { group: 'policy', resources: ['poddisruptionbudgets'], verbs: make },
  { group: 'networking.istio.io', resources: ['destinationrules', 'virtualservices'], verbs: make },
  { group: 'keda.sh', resources: ['scaledobjects'], verbs: make },
  { group: 'events.k8s.io', resources: ['events'], verbs: ['get', 'create', 'patch'] },
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['create'] },
  {
    group: 'coordination.k8s.io',
    resources: ['leases'],
    verbs: ['get', 'update'],
    names: ['neurodefender-operator'],
  },
]

/** What the operator is told of the region. */
function inferenceRegion(scope: ChartScope): InferenceRegion {
  const { context, policy } = scope
  const { cluster, images, domain } = context
  const size = policy.sizes[service]
  const image = images[service]
  if (!size || !image) throw new RangeError(`'${service}' needs a size and an image.`)
  const embedded = cluster.kind === 'embedded'
  const without: Size = { cpu: size.cpu, memory: size.memory }
  const { name, namespace } = gatewayOf('ingress')
  const gateway = `${namespace}/${name}`
  const traces = tracesAddress(scope)
  const { namespace: owner } = nodeOf(scope, service)
  return {
    image,
    labels: commonLabels(scope),
    domain,
    certificate: `${service}-tls`,
    account: service,
    size: without,
    // The one machine has no room for what a cloud gives a pod.
    ...(embedded ? { largest: without } : {}),
    placement: {
      general: placement(scope, without) as InferenceRegion['placement']['general'],
      ...(size.gpu === undefined
        ? {}
        : { gpu: { resource: gpuResource, ...(placement(scope, size) as InferenceRegion['placement']['general']) } }),
    },
    zonesBind: policy.binding.includes('high-availability'),
    mesh: embedded
      ? {
          gateways: ['mesh', gateway],
          tls: 'simple',
          trust: { secret: 'workload-authority', name: `${service}.${owner}.svc` },
          anyHost: `${owner}/threat-detection`,
        }
      : // Nobody outside of the mesh calls models there.
        { gateways: ['mesh'], tls: 'mutual' },
    ...(traces === undefined ? {} : { traces }),
    ...(hasKeda(scope) ? { autoscaler: { prometheus: prometheusAddress(scope) } } : {}),
  }
}

/** The operator of MLInference, with no more rights than it needs, and the ground that the pods which it makes stand on. */
export class InferenceOperator extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, operator)
    const { namespace } = nodeOf(scope, operator)
    new Workload(this, scope, {
      service: operator,
      kind: 'deployment',
      replicas: replicas(scope, operator),
      config: { 'region.json': `${JSON.stringify(inferenceRegion(scope), null, 2)}\n` },
      env: {
        ND_NAMESPACE: namespace,
        ND_INFERENCE_REGION_FILE: mounted('config', 'region.json'),
        // What callers saw of a candidate stands there.
        ...prometheusAccess.env(scope),
      },
      secrets: prometheusAccess.secrets(scope, operator),
    })
    new k8s.KubeRole(this, 'role', {
      metadata: { name: operator, namespace },
      rules: rules.map(({ group, resources, verbs, names }) => ({
        apiGroups: [group],
        resources: [...resources],
        verbs: [...verbs],
        ...(names ? { resourceNames: [...names] } : {}),
      })),
    })
    new k8s.KubeRoleBinding(this, 'binding', {
      metadata: { name: operator, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: operator },
      subjects: [{ kind: 'ServiceAccount', name: operator, namespace }],
    })
    this.#ground(scope)
  }

  /** What the pods of every resource share: their account, certificate and network, and the name by which Prometheus finds them. */
  #ground(scope: ChartScope): void {
    const { namespace } = nodeOf(scope, service)
    const ground = new Construct(this, service)
    new k8s.KubeServiceAccount(ground, 'account', {
      metadata: { name: service, namespace },
      automountServiceAccountToken: false,
    })
    networkPolicy(ground, scope, service)
    if (scope.context.cluster.kind === 'embedded') this.#gateway(ground, scope, namespace)
    const ports = portsOf(scope, service).map(({ name, port: number, protocol }) => ({
      name,
      port: number,
      targetPort: k8s.IntOrString.fromString(name),
      protocol,
      ...appProtocol(scope, service, name),
    }))
    const selector = podLabels(service)
    new k8s.KubeService(ground, 'headless', {
      metadata: { name: headless(service), namespace, labels: selector },
      spec: { type: 'ClusterIP', clusterIp: 'None', publishNotReadyAddresses: true, selector, ports },
    })
    this.#certificate(ground, scope, namespace)
  }

  /** Where only the gateway has a proxy, it calls the pods for everybody. */
  #gateway(ground: Construct, scope: ChartScope, namespace: string): void {
    const gateway = gatewayOf('ingress')
    const from = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': gateway.namespace } },
      podSelector: { matchLabels: gateway.labels },
    }
    const ports = (['https', 'grpc'] as const).map((name) => ({
      protocol: 'TCP',
      port: k8s.IntOrString.fromNumber(port(scope, service, name)),
    }))
    new k8s.KubeNetworkPolicy(ground, 'gateway', {
      metadata: { name: `${service}-gateway`, namespace },
      spec: {
        podSelector: { matchLabels: podLabels(service) },
        policyTypes: ['Ingress'],
        ingress: [{ from: [from], ports }],
      },
    })
  }

  #certificate(ground: Construct, scope: ChartScope, namespace: string): void {
    const { cluster, domain } = scope.context
    if (cluster.kind === 'managed') {
      // A Service is called like its resource.
      const any = [`*.${namespace}`, `*.${namespace}.svc`, `*.${namespace}.svc.${domain}`]
      const dnsNames = [...certificateNames(scope, service), ...any]
      issuedCertificate(ground, scope, { name: service, namespace, dnsNames })
      return
    }
    new k8s.KubeSecret(ground, 'tls', {
      metadata: { name: `${service}-tls`, namespace },
      type: 'Opaque',
      data: secretData(certificateFiles(scope, service)),
    })
  }
}
