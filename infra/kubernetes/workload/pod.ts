import { k8s } from 'cdk8s-plus-27'
import { seconds } from '../../../policies/model/units.ts'
import { yieldingClass } from '../../local/config/yielding.ts'
import type { ChartScope } from '../context.ts'
import { commonLabels, meshLabels, nodeOf, podLabels, portsOf } from '../names.ts'
import { asText } from '../output-resolver.ts'
import type { MountedFiles } from './files.ts'
import { imageOf } from './image.ts'
import { placement } from './placement.ts'
import { adminProbes, kubeletProbes } from './probe.ts'
import type { WorkloadProps } from './props.ts'
import { resources } from './resources.ts'
import { containerSecurity, podSecurity, securityOf } from './security.ts'

/** Where a pod keeps its data. */
const defaultDataPath = '/data'

/** Seconds that a pod of the workload goes on serving after it was told to go. */
export function drainSeconds(scope: ChartScope, props: WorkloadProps): number {
  const answers = props.kind === 'deployment' && nodeOf(scope, props.service).entry !== undefined
  return seconds(props.drain ?? (answers ? '3s' : '0s'))
}

function probesOf(scope: ChartScope, props: WorkloadProps): Partial<k8s.Container> {
  if (props.kind === 'job') return {}
  const { ports, startup } = nodeOf(scope, props.service)
  const probes = props.probes ?? (ports.admin === undefined ? undefined : adminProbes(ports.admin))
  if (!probes) throw new RangeError(`'${props.service}' has no admin port: say how the kubelet asks it how it is.`)
  return kubeletProbes(probes, startup)
}

/** Pods keep away from each other's nodes and zones as far as they can; zones are binding where availability is. */
function spread(scope: ChartScope, props: WorkloadProps): k8s.TopologySpreadConstraint[] {
  if (props.kind === 'job') return []
  const binding = scope.policy.binding.includes('high-availability')
  const over = (topologyKey: string, whenUnsatisfiable: string): k8s.TopologySpreadConstraint => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    labelSelector: { matchLabels: podLabels(props.service) },
  })
  return [
    over('kubernetes.io/hostname', 'ScheduleAnyway'),
    over('topology.kubernetes.io/zone', binding ? 'DoNotSchedule' : 'ScheduleAnyway'),
  ]
}

/** The pod that all replicas of a workload are made after. */
export function podTemplate(scope: ChartScope, props: WorkloadProps, files: MountedFiles): k8s.PodTemplateSpec {
  const { service } = props
  const { grace, api = false } = nodeOf(scope, service)
  const ports = portsOf(scope, service)
  const size = props.size ?? scope.policy.sizes[service]
  if (!size) throw new RangeError(`environments.${scope.environment}.sizes has no '${service}'.`)
  const durable = props.kind === 'stateful' && size.storage !== undefined
  const environment = {
    ND_SERVICE: service,
    ND_REGION: scope.context.region,
    ND_ENVIRONMENT: scope.environment,
    ...props.env,
  }
  const common = {
    image: imageOf(scope, props.image ?? service),
    imagePullPolicy: 'IfNotPresent',
    env: [
      { name: 'ND_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...Object.entries(environment).map(([name, value]) => ({ name, value: asText(value) })),
    ],
    resources: resources(size),
    securityContext: containerSecurity,
    volumeMounts: [
      ...files.mounts,
      { name: 'tmp', mountPath: '/tmp' },
      ...(durable ? [{ name: 'data', mountPath: props.dataPath ?? defaultDataPath }] : []),
    ],
  } satisfies Partial<k8s.Container>
  return {
    metadata: {
      labels: {
        ...commonLabels(scope),
        ...podLabels(service),
        ...meshLabels(scope, service),
      },
      annotations: { 'neurodefender.io/files': asText(files.checksum), ...props.annotations },
    },
    spec: {
      serviceAccountName: service,
      automountServiceAccountToken: api,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: seconds(grace) + drainSeconds(scope, props),
      ...(props.kind === 'job' ? { restartPolicy: 'OnFailure' } : {}),
      securityContext: props.user === undefined ? podSecurity : securityOf(props.user),
      ...placement(scope, size),
      ...(scope.policy.yields?.includes(service) ? { runtimeClassName: yieldingClass } : {}),
      ...(props.kind === 'job' ? {} : { topologySpreadConstraints: spread(scope, props) }),
      ...(props.init
        ? { initContainers: props.init.map(({ name, args }) => ({ ...common, name, args: [...args] })) }
        : {}),
      containers: [
        {
          ...common,
          name: service,
          ...(props.args ? { args: [...props.args] } : {}),
          ...(ports.length > 0
            ? { ports: ports.map(({ name, port: containerPort, protocol }) => ({ name, containerPort, protocol })) }
            : {}),
          ...probesOf(scope, props),
        },
      ],
      volumes: [
        ...files.volumes,
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString(props.temporary ?? '64Mi') } },
      ],
    },
  }
}
