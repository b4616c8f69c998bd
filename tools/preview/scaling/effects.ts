import type { Policies } from '../../../policies/bundle.ts'
import { demands } from '../../../policies/capacity.ts'
import { serviceOf } from '../../../policies/model/scaling.ts'
import { peakOf, scaledTo, type Trace } from '../../simulate/load.ts'
import { defaultCapacity, type Plan, planOf } from '../../simulate/plan.ts'
import type { Run } from '../../simulate/report.ts'
import { simulate } from '../../simulate/simulate.ts'
import { readTrace } from '../../simulate/trace.ts'
import { carried } from '../../simulate/traces.ts'
import { monthlyPrice } from '../cost/prices.ts'

/** What a row of the scaling matrix does with a trace. */
export interface Replayed extends Run {
  /** What its pods cost in a month of such load, in US dollars: by environment, in one region of it. */
  readonly money: Readonly<Record<string, number>>
}

/** A row that does not scale as before, and a trace. */
export interface ScalingEffect {
  readonly policy: string
  readonly trace: string
  readonly load: Trace
  /** Requests per second in the busiest minute. */
  readonly peak: number
  /** Absent: there was, or is, no such row, or none that a trace can drive. */
  readonly before?: Replayed
  readonly after?: Replayed
}

/** A trace to replay. */
export interface NamedTrace {
  readonly name: string
  readonly trace: Trace
  /** Whether it is scaled to what the row is made for; a user's own is what it is. */
  readonly scaled: boolean
}

/** The project's own, or the user's. Throws SimulateError. */
export const tracesOf = (file: string | undefined): NamedTrace[] =>
  file === undefined
    ? Object.entries(carried).map(([name, path]) => ({ name, trace: readTrace(path), scaled: true }))
    : [{ name: file, trace: readTrace(file), scaled: false }]

/** The share of what all its pods shall have, to which the busiest minute is scaled. */
const busiest = 0.95

function plan(policies: Policies, row: string): Plan | undefined {
  try {
    return planOf(policies, row)
  } catch {
    // Not there, or nothing that a trace tells; an older revision may say it in other words.
    return undefined
  }
}

/** What a pod costs a month, by environment: its share of the machine that it needs, where that has a price. */
function podPrices(policies: Policies, service: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.keys(policies.cloud ?? {}).flatMap((environment) => {
      const [region = ''] = policies.environments[environment]?.regions ?? []
      const demand = demands(policies, environment, 'max').find((one) => one.service === service)
      const price = monthlyPrice(`ec2:${demand?.instance}`, region)
      if (!demand || price === undefined) return []
      return [[environment, (price * demand.nodes) / (demand.pods + demand.headroom)]]
    }),
  )
}

/** Replays traces through a row; nothing for a row that is not there. */
function replayer(policies: Policies, made: Plan | undefined) {
  if (!made) return () => undefined
  const prices = Object.entries(podPrices(policies, serviceOf(made.policy)))
  return (trace: Trace, capacity: number): Replayed => {
    const pod = { capacity, startup: made.startup }
    const mode = made.predicts ? 'predictive' : 'reactive'
    const run = simulate(trace, made, { mode, ...pod })
    // On average.
    const pods = run.figures.pod_hours / (trace.perSecond.length / 60)
    return { mode, ...pod, ...run, money: Object.fromEntries(prices.map(([where, price]) => [where, pods * price])) }
  }
}

/** What decides how a row scales: of a forecast that the cluster does not ask for, nothing does. */
function deciding(plan: Plan | undefined): string | undefined {
  if (!plan) return undefined
  const { quantile, limits, ...reacts } = plan
  return JSON.stringify(plan.predicts ? plan : reacts)
}

/** What the rows that do not scale as before do with traces, before and after. Both are compiled by this checkout. */
export function scalingEffects(before: Policies, after: Policies, traces: readonly NamedTrace[]): ScalingEffect[] {
  return [...new Set([...Object.keys(after.scaling), ...Object.keys(before.scaling)])].flatMap((row) => {
    const [was, is] = [plan(before, row), plan(after, row)]
    const old = was ?? is
    if (!old || deciding(was) === deciding(is)) return []
    const { maxReplicas, metrics } = old.spec
    // A pod is no stronger for being asked for more.
    const capacity = defaultCapacity(old)
    const [replayBefore, replayAfter] = [replayer(before, was), replayer(after, is)]
    return traces.map(({ name, trace, scaled }): ScalingEffect => {
      const load = scaled ? scaledTo((busiest * maxReplicas * (metrics[0]?.target ?? 0)) / 1_000, trace) : trace
      const [earlier, later] = [replayBefore(load, capacity), replayAfter(load, capacity)]
      return {
        policy: row,
        trace: name,
        load,
        peak: peakOf(load),
        ...(earlier ? { before: earlier } : {}),
        ...(later ? { after: later } : {}),
      }
    })
  })
}
