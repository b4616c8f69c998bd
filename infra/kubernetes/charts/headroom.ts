import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import { bytes, millicores } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { commonLabels, podLabels, podSecurityLabels, priorities } from '../names.ts'
import { denyAll } from '../workload/network.ts'
import { placement } from '../workload/placement.ts'
import { kubeletProbes } from '../workload/probe.ts'
import { resources } from '../workload/resources.ts'
import { containerSecurity, podSecurity } from '../workload/security.ts'
import { RegionChart } from './region-chart.ts'

const namespace = 'headroom'

/** What the pods of each kind are worth when there is not room for all. Only placeholders may never push anybody away. */
const values = { data: 1_000_000, services: 100_000, headroom: -10 } as const

/** The priorities of the platform's pods. */
export class Priorities extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'priorities', scope)
    for (const [kind, value] of Object.entries(values) as [keyof typeof values, number][])
      new k8s.KubePriorityClass(this, kind, {
        metadata: { name: priorities[kind] },
        value,
        globalDefault: false,
        preemptionPolicy: kind === 'headroom' ? 'Never' : 'PreemptLowerPriority',
        description: `Pods of Neurodefender: ${kind}.`,
      })
  }
}

/**
 * Machines that stand ready: pods of a service's size that do nothing, on the machines that the service would run on. A pod of the service
 * that finds no room pushes one away at once; Karpenter then starts a machine for the placeholder, and nobody waits for it.
 */
export class Headroom extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, namespace, scope)
    const entries = Object.entries(scope.policies.cloud[scope.environment]?.kubernetes.headroom ?? {}).map(
      ([service, { pods }]) => ({ service, pods, size: sizeOf(scope, service) }),
    )
    new k8s.KubeNamespace(this, 'namespace', { metadata: { name: namespace, labels: podSecurityLabels('restricted') } })
    denyAll(this, namespace)
    const sum = (of: (size: ReturnType<typeof sizeOf>) => number): number =>
      entries.reduce((total, { pods, size }) => total + pods * of(size), 0)
    const memory = k8s.Quantity.fromString(`${Math.ceil(sum((size) => bytes(size.memory)) / 2 ** 20)}Mi`)
    new k8s.KubeResourceQuota(this, 'quota', {
      metadata: { name: 'quota', namespace },
      spec: {
        hard: {
          'requests.cpu': k8s.Quantity.fromString(`${Math.ceil(sum((size) => millicores(size.cpu)))}m`),
          'requests.memory': memory,
          'limits.memory': memory,
        },
      },
    })
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name: namespace, namespace },
      automountServiceAccountToken: false,
    })
    for (const { service, pods, size } of entries) this.#placeholder(service, pods, size)
  }

  #placeholder(service: string, replicas: number, size: ReturnType<typeof sizeOf>): void {
    const name = `headroom-${service}`
    const image = this.region.context.images.pause
    if (!image) throw new RangeError("The context has no image 'pause'.")
    const running = { kind: 'exec', command: ['/pause', '-v'] } as const
    const { startupProbe, livenessProbe, readinessProbe } = kubeletProbes({ alive: running, ready: running }, '30s')
    new k8s.KubeDeployment(new Construct(this, service), 'deployment', {
      metadata: { name, namespace, labels: podLabels(name) },
      spec: {
        replicas,
        revisionHistoryLimit: 2,
        selector: { matchLabels: podLabels(name) },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(0), maxUnavailable: k8s.IntOrString.fromNumber(1) },
        },
        template: {
          metadata: { labels: { ...commonLabels(this.region), ...podLabels(name) } },
          spec: {
            serviceAccountName: namespace,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 0,
            securityContext: podSecurity,
            ...placement(this.region, size),
            priorityClassName: priorities.headroom,
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'topology.kubernetes.io/zone',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: podLabels(name) },
              },
            ],
            containers: [
              {
                name: 'pause',
                image,
                imagePullPolicy: 'IfNotPresent',
                // It has nothing to say: that it runs is enough, and seldom asked.
                startupProbe,
                livenessProbe: { ...livenessProbe, periodSeconds: 300 },
                readinessProbe: { ...readinessProbe, periodSeconds: 300 },
                resources: resources(size),
                securityContext: containerSecurity,
              },
            ],
          },
        },
      },
    })
  }
}

function sizeOf(scope: ChartScope, service: string) {
  const size = scope.policy.sizes[service]
  if (!size)
    throw new RangeError(`cloud.${scope.environment}.kubernetes.headroom names '${service}', which has no size.`)
  return size
}
