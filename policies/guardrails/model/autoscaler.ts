import { kindOf, namespaceOf, objectName, ofKind } from './kubernetes.ts'
import { at, type GuardedResource } from './resource.ts'

/** Who changes the number of a workload's pods. */
export interface Autoscaler {
  readonly resource: GuardedResource
  /** 'Deployment siem/event-collector' */
  readonly target: string
  readonly min: number
  readonly max: number
}

/** 'Deployment siem/event-collector' */
export const workloadKey = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`

/** A resource whose operator makes its autoscaler after what it says itself. */
const inferences = (resources: readonly GuardedResource[]): readonly Autoscaler[] =>
  ofKind(resources, 'MLInference').flatMap((resource) => {
    const scaling = at(resource.props, 'spec', 'scaling')
    if (scaling === undefined) return []
    return [
      {
        resource,
        target: workloadKey('MLInference', namespaceOf(resource), objectName(resource)),
        min: Number(at(scaling, 'minReplicas')),
        max: Number(at(scaling, 'maxReplicas')),
      },
    ]
  })

/** Every ScaledObject of KEDA, every HorizontalPodAutoscaler, and every MLInference that is scaled, by the same words. */
export const autoscalers = (resources: readonly GuardedResource[]): readonly Autoscaler[] => [
  ...inferences(resources),
  ...[...ofKind(resources, 'ScaledObject'), ...ofKind(resources, 'HorizontalPodAutoscaler')].map(
    (resource): Autoscaler => {
      const keda = kindOf(resource) === 'ScaledObject'
      const spec = at(resource.props, 'spec')
      const reference = at(spec, 'scaleTargetRef')
      return {
        resource,
        target: workloadKey(
          String(at(reference, 'kind') ?? 'Deployment'),
          namespaceOf(resource),
          String(at(reference, 'name')),
        ),
        // Where nothing is said: KEDA's 0 and 100, Kubernetes' 1; a HorizontalPodAutoscaler has no default for its most.
        min: Number(at(spec, keda ? 'minReplicaCount' : 'minReplicas') ?? (keda ? 0 : 1)),
        max: Number(at(spec, keda ? 'maxReplicaCount' : 'maxReplicas') ?? (keda ? 100 : Number.NaN)),
      }
    },
  ),
]

/** The autoscaler's fewest pods where there is one, otherwise what the workload says. */
export function leastReplicas(workload: GuardedResource, scalers: readonly Autoscaler[], key: string): number {
  const scaler = scalers.find(({ target }) => target === key)
  return scaler ? scaler.min : Number(at(workload.props, 'spec', 'replicas') ?? 1)
}
