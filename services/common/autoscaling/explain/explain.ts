import type { Decision, Proposal } from '../decision.ts'
import { sentenceOf } from './sentence.ts'

/**
 * What made a count what it is. `asked`: a metric, by its value. `tolerance`: the metric that counts is near enough to what it shall be.
 * `forecast`: only a forecast asks for so many. `fallback`: a metric has failed for long, and KEDA answers for it. `missing`: a metric is
 * missing, and the others would take pods away; `blind`: all are. `stabilisation`: a recent proposal holds the count. `step up`, `step down`: what
 * one look may change. `least`, `most`: the bounds. `outside`: somebody set a count beyond the bounds. `none`: there is no pod and nothing asks for one.
 */
const causes = [
  'asked',
  'tolerance',
  'forecast',
  'fallback',
  'missing',
  'blind',
  'stabilisation',
  'step up',
  'step down',
  'least',
  'most',
  'outside',
  'none',
] as const
export type Cause = (typeof causes)[number]

/** What one metric of a decision is, beside what the autoscaler knows of it. */
export interface ExplainedMetric {
  /** 'qps'. A forecast of it has the same name. */
  readonly name: string
  readonly kind: 'share' | 'level' | 'forecast'
  /** Whether KEDA answers for it, because it has failed for long. */
  readonly fallback?: boolean
}

/** A decision, and what its metrics are, in the order of its proposals. */
export interface Situation {
  readonly service: string
  readonly decision: Decision
  readonly metrics: readonly ExplainedMetric[]
  readonly bounds: { readonly min: number; readonly max: number }
}

/** What one metric says. */
export interface MetricReason extends ExplainedMetric {
  /** In the metric's unit: of the whole service. Absent: nobody answers. */
  readonly value?: number
  /** What a pod may have of a share, or what a level shall be. */
  readonly target: number
  /** What there is to what there shall be, with the present pods. */
  readonly ratio?: number
  /** The pods that it asks for. */
  readonly pods?: number
  readonly withinTolerance: boolean
  readonly missing?: string
}

/** Why a service has as many pods as it has, after one look of the autoscaler. */
export interface Explanation {
  readonly service: string
  /** ISO 8601. */
  readonly at: string
  /** Before the look, and after it. */
  readonly pods: number
  readonly desired: number
  readonly bounds: { readonly min: number; readonly max: number }
  /** What had the last word. */
  readonly cause: Cause
  /** Everything that had a say, in the order in which it had: ['forecast', 'step up']. */
  readonly chain: readonly Cause[]
  /** The metric whose proposal counted. */
  readonly metric?: ExplainedMetric
  readonly metrics: readonly MetricReason[]
  readonly stabilisation?: { readonly windowSeconds: number; readonly from: number; readonly to: number }
  readonly limit?: {
    readonly from: number
    readonly to: number
    readonly percent?: number
    readonly periodSeconds?: number
  }
  readonly sentence: string
}

const reasonOf = (of: ExplainedMetric, proposal: Proposal | undefined, target: number): MetricReason => ({
  ...of,
  target,
  withinTolerance: proposal?.withinTolerance ?? false,
  ...(proposal?.value === undefined ? {} : { value: proposal.value / 1_000 }),
  ...(proposal?.ratio === undefined ? {} : { ratio: proposal.ratio }),
  ...(proposal?.replicas === undefined ? {} : { pods: proposal.replicas }),
  ...(proposal?.missing === undefined ? {} : { missing: proposal.missing }),
})

/** Metrics that count before others that ask for as many: what is seen goes before what is foreseen, and that before what stands in. */
const rank = ({ kind, fallback }: ExplainedMetric): number => (fallback ? 2 : kind === 'forecast' ? 1 : 0)

/** The metric whose proposal is the highest. */
function winner(metrics: readonly MetricReason[]): MetricReason | undefined {
  const asking = metrics.filter(({ pods }) => pods !== undefined)
  return asking.toSorted((a, b) => (b.pods ?? 0) - (a.pods ?? 0) || rank(a) - rank(b)).at(0)
}

function causeOf({ fallback, kind, withinTolerance }: MetricReason): Cause {
  if (fallback) return 'fallback'
  if (kind === 'forecast') return 'forecast'
  return withinTolerance ? 'tolerance' : 'asked'
}

const limits = {
  TooManyReplicas: 'most',
  TooFewReplicas: 'least',
  ScaleUpLimit: 'step up',
  ScaleDownLimit: 'step down',
} as const satisfies Record<string, Cause>

function chainOf({ outcome }: Decision, metrics: readonly MetricReason[], won: MetricReason | undefined): Cause[] {
  switch (outcome.kind) {
    case 'disabled':
      return ['none']
    case 'corrected':
      return ['outside', outcome.bound === 'min' ? 'least' : 'most']
    case 'blocked':
      return [outcome.missing.length === metrics.length ? 'blind' : 'missing']
    case 'computed':
      return [
        ...(won ? [causeOf(won)] : []),
        ...(outcome.stabilized ? (['stabilisation'] as const) : []),
        ...(outcome.limited ? [limits[outcome.limited.by]] : []),
      ]
    default:
      return outcome satisfies never
  }
}

/** Why there are as many pods as there are: the decision's own reasons, and one sentence. Pure. */
export function explain({ service, decision, metrics: of, bounds }: Situation): Explanation {
  const { outcome, proposals } = decision
  const metrics = of.flatMap((one, i): MetricReason[] => {
    const proposal = proposals[i]
    return proposal ? [reasonOf(one, proposal, proposal.metric.target / 1_000)] : []
  })
  const won = outcome.kind === 'computed' ? winner(metrics) : undefined
  const chain = chainOf(decision, metrics, won)
  const { stabilized, limited } = outcome.kind === 'computed' ? outcome : {}
  const policy = limited && 'policy' in limited ? limited.policy : undefined
  const facts: Omit<Explanation, 'sentence'> = {
    service,
    at: new Date(decision.at).toISOString(),
    pods: decision.current,
    desired: decision.desired,
    bounds,
    cause: chain.at(-1) ?? 'asked',
    chain,
    ...(won ? { metric: { name: won.name, kind: won.kind, ...(won.fallback ? { fallback: won.fallback } : {}) } } : {}),
    metrics,
    ...(stabilized
      ? { stabilisation: { windowSeconds: stabilized.windowSeconds, from: stabilized.from, to: stabilized.to } }
      : {}),
    ...(limited
      ? {
          limit: {
            from: limited.from,
            to: limited.to,
            ...(policy?.type === 'Percent' ? { percent: policy.value, periodSeconds: policy.periodSeconds } : {}),
          },
        }
      : {}),
  }
  return { ...facts, sentence: sentenceOf(facts, won) }
}
