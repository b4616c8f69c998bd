import { loop, stepDown, stepUp } from './autoscaling.ts'
import type { Policies } from './bundle.ts'
import { poolOf } from './capacity.ts'
import type { NodePoolPolicy } from './model/cloud.ts'
import { type ScalingPolicy, serviceOf } from './model/scaling.ts'
import { highestOf, type MetricSource } from './model/service.ts'
import { type Duration, seconds } from './model/units.ts'
import { type ReplicaBounds, replicaBounds } from './replicas.ts'

/** What a part of a time is spent on; `steps` is what the factors add to everything else. */
export type PartName = 'window' | 'scrape' | 'polling' | 'sync' | 'stabilisation' | 'steps' | 'machine' | 'startup'

/** A worst case, in seconds, and what it consists of. */
export interface WorstCase {
  readonly seconds: number
  readonly parts: readonly { readonly name: PartName; readonly seconds: number }[]
}

/** One metric, as far as times go. */
interface LoopMetric {
  readonly name: string
  /** Whether it counts work, of which each pod has its share. A level of all pods says that they are too few, not how many. */
  readonly share: boolean
  readonly window: number
  /** The highest ratio to the threshold that it can show. */
  readonly highest: number
}

/** What decides how long scaling takes, in seconds and pods. */
export interface ScalingLoop extends ReplicaBounds {
  readonly metrics: readonly LoopMetric[]
  readonly factors: Pick<ScalingPolicy['actions'], 'scale_up_factor' | 'scale_down_factor'>
  readonly scrape: number
  readonly startup: number
}

/** The loop of a row, or of a resource that has metrics of its own. Metrics that nobody measures are left out. */
export function scalingLoop(
  policies: Pick<Policies, 'objectives'>,
  row: Pick<ScalingPolicy, 'metrics' | 'actions'>,
  service: { readonly metrics: Readonly<Partial<Record<string, MetricSource>>>; readonly startup: Duration },
  bounds: ReplicaBounds = { min: row.actions.min_replicas, max: row.actions.max_replicas },
): ScalingLoop {
  return {
    ...bounds,
    metrics: row.metrics.flatMap(({ name, threshold, window }): LoopMetric[] => {
      const source = service.metrics[name]
      if (!source) return []
      return [{ name, share: source.kind !== 'average', window: seconds(window), highest: highestOf(name) / threshold }]
    }),
    factors: row.actions,
    scrape: seconds(policies.objectives.monitoring.scrapeInterval),
    startup: seconds(service.startup),
  }
}

const total = (parts: WorstCase['parts']): WorstCase => {
  const some = parts.filter((part) => part.seconds > 0)
  return { seconds: some.reduce((sum, part) => sum + part.seconds, 0), parts: some }
}

/**
 * From a load that jumps from nothing to what needs the most pods, until the last of them answers, by a metric that counts work. A window
 * fills evenly; a step is taken at the first look that sees enough for it, and no sooner than one look after the one before.
 * Every smaller jump is faster: its steps are fewer, and a higher load fills what a step needs earlier.
 */
export function worstUp({ min, max, factors, scrape, startup }: ScalingLoop, window: number): WorstCase {
  const { syncSeconds, tolerance } = loop
  const first = scrape + syncSeconds
  let [pods, at] = [min, first]
  while (pods < max) {
    const next = Math.min(max, stepUp(pods, factors.scale_up_factor))
    if (next <= pods) return { seconds: Number.POSITIVE_INFINITY, parts: [] }
    const needs = Math.max(next - 1, pods * (1 + tolerance)) / Math.max(1, max - 1)
    const seen = first + window * Math.min(1, needs)
    at = pods === min ? seen : Math.max(seen, at + syncSeconds)
    pods = next
  }
  return total([
    { name: 'window', seconds: window },
    { name: 'scrape', seconds: scrape },
    { name: 'sync', seconds: syncSeconds },
    { name: 'steps', seconds: Math.max(0, at - window - first) },
    { name: 'startup', seconds: startup },
  ])
}

/** The proposal of the metrics so many seconds after a load that was more than the most pods can do has ended: counted by the HPA's arithmetic. */
function proposal({ metrics, max }: ScalingLoop, since: number, pods: number): number {
  const each = metrics.map(({ share, window, highest }) => {
    if (since >= window) return 0
    if (share || highest === Number.POSITIVE_INFINITY) return max
    const ratio = highest * (1 - Math.max(0, since) / window)
    return Math.abs(ratio - 1) <= loop.tolerance ? pods : Math.ceil(ratio * pods)
  })
  return Math.max(...each)
}

/** The HPA's looks from `phase` seconds after the end of the load on: when all metrics ask for the fewest pods, and when they are so few. */
function shrink(
  of: ScalingLoop,
  stabilisation: number,
  phase: number,
): { readonly asked: number; readonly done: number } {
  const recent = [{ at: phase - loop.syncSeconds, pods: of.max }]
  let [pods, asked] = [of.max, phase]
  for (let at = phase; ; at += loop.syncSeconds) {
    const wanted = proposal(of, at - of.scrape, pods)
    recent.push({ at, pods: wanted })
    if (wanted > of.min) asked = at + loop.syncSeconds
    const stable = Math.max(...recent.filter((one) => one.at >= at - stabilisation).map((one) => one.pods))
    pods = Math.max(of.min, stepDown(pods, of.factors.scale_down_factor), Math.min(pods, stable))
    if (pods === of.min) return { asked, done: at }
  }
}

/** From the end of all load at the most pods until there are the fewest: all metrics have to agree. The worst of every moment of the HPA's looks. */
export function worstDown(of: ScalingLoop, stabilisation: number): WorstCase {
  if (of.max > of.min && stepDown(of.max, of.factors.scale_down_factor) >= of.max)
    return { seconds: Number.POSITIVE_INFINITY, parts: [] }
  const phases = Array.from({ length: loop.syncSeconds }, (_, i) => shrink(of, stabilisation, i + 1))
  const { asked, done } = phases.reduce((worst, one) => (one.done > worst.done ? one : worst))
  const outside = of.scrape + loop.syncSeconds
  return total([
    { name: 'window', seconds: Math.max(0, asked - outside) },
    { name: 'scrape', seconds: Math.min(asked, of.scrape) },
    { name: 'sync', seconds: Math.max(0, Math.min(asked - of.scrape, loop.syncSeconds)) },
    { name: 'stabilisation', seconds: Math.min(stabilisation, done - asked) },
    { name: 'steps', seconds: Math.max(0, done - asked - stabilisation) },
  ])
}

/** No count is followed down before it has held for two looks. */
const leastStabilisation = 2 * loop.syncSeconds

/**
 * For how long the highest proposal counts before pods are taken away: as long as the promise leaves, so that a service flaps as little as
 * may be. One look is kept back: it may come late.
 */
export function stabilisationOf(of: ScalingLoop, within: number): number {
  const { syncSeconds } = loop
  for (let most = within - (within % syncSeconds); most > leastStabilisation; most -= syncSeconds)
    if (worstDown(of, most).seconds + syncSeconds <= within) return most
  return leastStabilisation
}

/** The same of a row, by the promise of the objectives. Without bounds: by the row's own. */
export const stabilisationIn = (
  policies: Parameters<typeof scalingLoop>[0],
  row: Parameters<typeof scalingLoop>[1],
  service: Parameters<typeof scalingLoop>[2],
  bounds?: ReplicaBounds,
): number =>
  stabilisationOf(scalingLoop(policies, row, service, bounds), seconds(policies.objectives.scaling.downWithin))

/** The worst cases of a row. */
export interface ScalingTimes {
  /** Of the slowest metric that counts work. None does: undefined, nothing says how many pods are missing. */
  readonly up: (WorstCase & { readonly metric: string }) | undefined
  readonly down: WorstCase
  /** For how long the highest proposal counts before pods are taken away, in seconds. */
  readonly stabilisation: number
  /** From no pod to the first answer, where a row allows none. */
  readonly cold: WorstCase | undefined
  /** Of the pods that a jump to the most adds, those that find a machine ready; the rest wait for `machine` more. Absent: no machine is ever started. */
  readonly machines: { readonly warm: number; readonly seconds: number } | undefined
}

/** The worst cases of a row in an environment, or by its own bounds where machines are always there. */
export function scalingTimes(policies: Policies, row: string, environment?: string): ScalingTimes | undefined {
  const policy = policies.scaling[row]
  const name = serviceOf(row)
  const service = policies.services[name]
  if (!policy || !service) return undefined
  const of = environment === undefined ? undefined : policies.environments[environment]
  const bounds = of ? replicaBounds(policies, of, name) : undefined
  const loopOf = scalingLoop(policies, policy, service, bounds)
  const up = loopOf.metrics
    .filter(({ share }) => share)
    .map(({ name: metric, window }) => ({ ...worstUp(loopOf, window), metric }))
    .sort((a, b) => b.seconds - a.seconds)
    .at(0)
  const stabilisation = stabilisationOf(loopOf, seconds(policies.objectives.scaling.downWithin))
  return {
    up,
    down: worstDown(loopOf, stabilisation),
    stabilisation,
    cold: policy.actions.scale_to_zero ? coldStart(policy, service.metrics, loopOf) : undefined,
    machines: machinesOf(policies, environment, name),
  }
}

/** Work is seen at the first scrape, a rate at the second; KEDA looks, and starts the pods by itself. */
function coldStart(
  { metrics }: ScalingPolicy,
  sources: Readonly<Partial<Record<string, MetricSource>>>,
  { scrape, startup }: ScalingLoop,
): WorstCase {
  const slow = metrics.every(({ name }) => sources[name]?.kind === 'rate')
  return total([
    { name: 'scrape', seconds: slow ? 2 * scrape : scrape },
    { name: 'polling', seconds: loop.pollingSeconds },
    { name: 'startup', seconds: startup },
  ])
}

function machinesOf(policies: Policies, environment: string | undefined, service: string): ScalingTimes['machines'] {
  const size = environment === undefined ? undefined : policies.environments[environment]?.sizes[service]
  const cloud = environment === undefined ? undefined : policies.cloud[environment]
  if (!size || !cloud) return undefined
  const { nodeStartup } = cloud.kubernetes.pools[poolOf(size)] as NodePoolPolicy
  return {
    warm: cloud.kubernetes.headroom[service]?.pods ?? 0,
    seconds: nodeStartup === undefined ? Number.POSITIVE_INFINITY : seconds(nodeStartup),
  }
}
