import { type CanaryStatus, canaryPhases } from '../../../../policies/model/ml-inference.ts'
import type { Metrics } from '../../../common/metrics/metrics.ts'
import type { KubeObject } from '../api/object.ts'
import { type CanaryObject, over } from './desired.ts'

/** Where the walk of one MLInference stands. */
export interface Walk {
  readonly inference: string
  readonly state: CanaryStatus
}

/** The walks of resources. */
export const walksOf = (inferences: readonly KubeObject[]): readonly Walk[] =>
  inferences.flatMap(({ metadata: { name }, status }) => {
    const state = (status as CanaryObject['status'])?.canary
    return state ? [{ inference: name, state }] : []
  })

const subsets = ['stable', 'canary'] as const
const gauges = {
  weight: 'Share of the callers that a candidate is to have, per cent, as the status of its MLInference says.',
  pods: 'Pods that a candidate is to have.',
  phase:
    '1 for the phase that the walk of a candidate is in, 0 for those that it is not in; the last one stays until the resource says otherwise.',
  samples: 'Requests of each subset that the present share was last judged by.',
  errors: 'Those of them that failed.',
}

/**
 * What the canary controller tells Prometheus. `walks`: the candidates that there are, as their resources say; none where another process leads. The only
 * label from outside is the name of an MLInference, of which an operator's namespace has a few. Answers what counts a step.
 */
export function canaryMetrics(metrics: Metrics, walks: () => readonly Walk[]): (state: CanaryStatus) => void {
  const gauge = <L extends string>(
    name: keyof typeof gauges,
    labels: readonly L[],
    read: (walk: Walk) => readonly (readonly [Readonly<Record<L | 'inference', string>>, number])[],
  ) =>
    metrics.gauge<L | 'inference'>(`nd_canary_${name}`, gauges[name], {
      labels: ['inference', ...labels],
      readEach: () => walks().flatMap(read),
    })
  gauge('weight', [], ({ inference, state }) => [[{ inference }, state.weight]])
  gauge('pods', [], ({ inference, state }) => [[{ inference }, state.pods]])
  gauge('phase', ['phase'], ({ inference, state }) =>
    canaryPhases.map((phase) => [{ inference, phase }, Number(state.phase === phase)] as const),
  )
  for (const [name, count] of [
    ['samples', 'requests'],
    ['errors', 'errors'],
  ] as const)
    gauge(name, ['subset'], ({ inference, state: { figures, ...state } }) =>
      figures && !over(state) ? subsets.map((subset) => [{ inference, subset }, figures[subset][count]] as const) : [],
    )
  const decisions = metrics.counter<'phase' | 'reason'>(
    'nd_canary_decisions_total',
    'Steps of walks: the phase that one led to or stayed in, and why.',
    ['phase', 'reason'],
  )
  return ({ phase, reason }) => decisions.inc({ phase, reason })
}
