import { loop } from '../../policies/autoscaling.ts'
import { Autoscaler } from '../../services/common/autoscaling/autoscaler.ts'
import type { Decision, MetricValue, Observation } from '../../services/common/autoscaling/decision.ts'
import { milli } from '../../services/common/autoscaling/spec.ts'
import { type Foresight, foresight, type Mode } from './foresight.ts'
import { Load, type Trace } from './load.ts'
import type { Plan } from './plan.ts'
import { Pods } from './pods.ts'
import { Queue } from './queue.ts'

export interface SimulationOptions {
  readonly mode: Mode
  /** Requests per second that one ready pod answers. */
  readonly capacity: number
  /** Seconds until a new pod is ready. */
  readonly startup: number
  /** Called with every decision of the HPA and what it saw; times are milliseconds from the trace's first minute. */
  readonly onDecision?: (decision: Decision, seen: Observation) => void
}

/** What a policy did with a trace; the names are those that the command prints. */
export interface Figures {
  /** Minutes in which at any moment more was asked than the ready pods can answer. */
  readonly overload_minutes: number
  /** The share of all requests that came above what the ready pods could answer at that moment. */
  readonly excess_request_share: number
  /** Of all pods that existed, ready or not. */
  readonly pod_hours: number
  /** How often the number of replicas changed. */
  readonly scale_events: number
  readonly max_replicas: number
}

export interface Simulation {
  readonly figures: Figures
  /** Per minute: the pods that existed at its end, and the fewest that were ready in it. */
  readonly replicas: Uint16Array
  readonly ready: Uint16Array
  /** Seconds that a request waited at the most, if pods keep all that comes above their capacity and answer it in turn. */
  readonly longestWait: number
}

/**
 * Replays a trace through a policy. It begins with the fewest pods, all ready. Every 15 s the HPA sees what Prometheus had a scrape ago: means over
 * the policy's windows. A minute that nobody recorded has no demand, and its metrics are missing.
 */
export function simulate(
  trace: Trace,
  plan: Plan,
  { mode, capacity, startup, onDecision }: SimulationOptions,
): Simulation {
  const load = new Load(trace)
  const minutes = trace.perSecond.length
  const coming: Foresight | undefined = foresight(mode, load, plan, startup)
  const metrics = coming ? [...plan.spec.metrics, coming.metric] : plan.spec.metrics
  const autoscaler = new Autoscaler({ ...plan.spec, metrics }, { tolerance: loop.tolerance })
  const pods = new Pods(plan.spec.minReplicas, startup)
  const replicas = new Uint16Array(minutes)
  const ready = new Uint16Array(minutes)
  const queue = new Queue(capacity)
  const total = { overload: 0, excess: 0, podSeconds: 0, events: 0, most: pods.count }

  const look = (now: number): void => {
    const seen = now - plan.scrape
    const values = plan.windows.map((window): MetricValue => {
      const mean = load.mean(seen - window, seen)
      return mean === undefined ? { missing: 'nothing was recorded' } : milli(mean)
    })
    if (coming) values.push(milli(coming.at(now, seen)))
    const observation = {
      at: now * 1_000,
      replicas: pods.count,
      existing: pods.count,
      ready: pods.ready(now),
      values,
    }
    const decision = autoscaler.decide(observation)
    onDecision?.(decision, observation)
    if (decision.desired === pods.count) return
    pods.scale(decision.desired, now)
    total.events++
    total.most = Math.max(total.most, pods.count)
  }

  for (let minute = 0; minute < minutes; minute++) {
    const demand = trace.perSecond[minute] as number
    let least = Number.POSITIVE_INFINITY
    for (let now = minute * 60; now < (minute + 1) * 60; now += loop.syncSeconds) {
      if (now > 0) look(now)
      total.podSeconds += pods.count * loop.syncSeconds
      for (let from = now; from < now + loop.syncSeconds; ) {
        const to = Math.min(now + loop.syncSeconds, pods.next(from))
        const serving = pods.ready(from)
        least = Math.min(least, serving)
        if (demand > serving * capacity) total.excess += (demand - serving * capacity) * (to - from)
        queue.pass(demand, serving, to - from)
        from = to
      }
    }
    if (demand > least * capacity) total.overload++
    ready[minute] = least
    replicas[minute] = pods.count
  }
  return {
    replicas,
    ready,
    longestWait: queue.longestWait,
    figures: {
      overload_minutes: total.overload,
      excess_request_share: load.requests > 0 ? total.excess / load.requests : 0,
      pod_hours: total.podSeconds / 3_600,
      scale_events: total.events,
      max_replicas: total.most,
    },
  }
}
