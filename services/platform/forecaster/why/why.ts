import { loop } from '../../../../policies/autoscaling.ts'
import type { Explanation } from '../../../common/autoscaling/explain/explain.ts'
import { type Look, replay } from '../../../common/autoscaling/explain/replay.ts'
import type { StepSource } from '../follower.ts'
import type { Watched } from './watched.ts'

const stepMs = loop.syncSeconds * 1_000

/** What was to be seen at each look up to `at`. A look at which nobody knew of pods has `count` of them, and without that is left out. */
export async function looksOf(
  of: Watched,
  at: number,
  source: StepSource,
  signal: AbortSignal,
  count?: number,
): Promise<Look[]> {
  const steps = Math.ceil(of.span / loop.syncSeconds)
  const range = { from: at - steps * stepMs, to: at, step: stepMs }
  const read = async (expression: string): Promise<ReadonlyMap<number, number>> => {
    const [first] = await source.steps(expression, range, signal)
    return new Map(
      first?.samples.map(([seconds, value]) => [Math.round((seconds * 1_000 - range.from) / stepMs), value]),
    )
  }
  const [pods = new Map<number, number>(), ...values] = await Promise.all([of.pods, ...of.queries].map(read))
  return Array.from({ length: steps + 1 }, (_, i) => i).flatMap((i): Look[] => {
    const replicas = pods.get(i) ?? count
    if (replicas === undefined) return []
    return [{ at: range.from + i * stepMs, replicas, values: values.map((one) => one.get(i)) }]
  })
}

/**
 * Why a service had as many pods as it had at a moment, by replaying the autoscaler's looks before it over what Prometheus has of them. None:
 * Prometheus knows of no pods then. The HPA looked at moments of its own, up to 15 s away from these.
 */
export async function why(
  of: Watched,
  at: number,
  source: StepSource,
  signal: AbortSignal,
): Promise<Explanation | undefined> {
  return replay(of, await looksOf(of, at, source, signal)).at(-1)
}
