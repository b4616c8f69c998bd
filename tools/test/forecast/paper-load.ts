import { labelled } from '../../../policies/series.ts'

/**
 * Requests that nobody sends: a rate that follows a wave, or stays where it is, and the counter that it makes. The same in this process, in Prometheus' history
 * and in a rule of Prometheus, so that a history goes on without a seam. Times are Unix seconds, rates a second.
 */
export interface Stretch {
  /** From when on it counts, and the counter there. */
  readonly from: number
  readonly base: number
  readonly mean: number
  /** Below the mean. 0: the rate is the mean. */
  readonly amplitude: number
  readonly period: number
  /** A moment at which the wave is at its lowest. */
  readonly bottom: number
}

const turn = 2 * Math.PI

export const rateAt = ({ mean, amplitude, period, bottom }: Stretch, at: number): number =>
  mean - amplitude * Math.cos((turn * (at - bottom)) / period)

const swing = ({ amplitude, period, bottom }: Stretch, at: number): number =>
  ((amplitude * period) / turn) * Math.sin((turn * (at - bottom)) / period)

/** The counter: the rate added up, never falling. */
export const counterAt = (of: Stretch, at: number): number =>
  of.base + of.mean * (at - of.from) - (swing(of, at) - swing(of, of.from))

/** A rate that stays, from a moment on. What was before it goes on there: the counter is where it was. */
export const steady = (before: Stretch | undefined, from: number, rate: number): Stretch => ({
  ...{ from, base: before ? counterAt(before, from) : 0 },
  ...{ mean: rate, amplitude: 0, period: 1, bottom: from },
})

/** A wave that begins at its lowest. What was before it goes on there. */
export const wave = (
  before: Stretch,
  from: number,
  { lowest, highest, period }: { readonly lowest: number; readonly highest: number; readonly period: number },
): Stretch => ({
  ...{ from, base: counterAt(before, from) },
  ...{ mean: (lowest + highest) / 2, amplitude: (highest - lowest) / 2, period, bottom: from },
})

/** The counter as PromQL. */
export function promqlOf(of: Stretch): string {
  const { from, base, mean, amplitude, period, bottom } = of
  const straight = `vector(${base + swing(of, from)} + ${mean} * (time() - ${from}))`
  if (amplitude === 0) return straight
  return `(${straight} - ${(amplitude * period) / turn} * sin(vector(${turn / period} * (time() - ${bottom}))))`
}

/** One after the other, each from its beginning on. */
export const promqlOfAll = ([first, ...rest]: readonly [Stretch, ...Stretch[]]): string =>
  rest.reduce(
    (before, next) => `((${promqlOf(next)} and on () vector(time()) >= ${next.from}) or ${before})`,
    promqlOf(first),
  )

export type Labels = Readonly<Record<string, string>>

/** The stretch that counts at a moment, of several one after the other. */
export const at = (all: readonly [Stretch, ...Stretch[]], moment: number): Stretch =>
  all.findLast(({ from }) => from <= moment) ?? all[0]

/** Samples of a counter as OpenMetrics, one every `step` seconds up to `to`: what promtool makes a history of. */
export function historyOf(
  series: string,
  labels: Labels,
  all: readonly [Stretch, ...Stretch[]],
  to: number,
  step: number,
): string {
  const name = labelled(series, labels)
  const lines = [`# TYPE ${series.replace(/_total$/, '')} counter`]
  for (let moment = all[0].from; moment <= to; moment += step)
    lines.push(`${name} ${counterAt(at(all, moment), moment)} ${moment}`)
  return `${lines.join('\n')}\n# EOF\n`
}

/** The rule file that records the counter from now on. */
export const ruleFileOf = (series: string, labels: Labels, all: readonly [Stretch, ...Stretch[]], every: string) =>
  JSON.stringify({
    groups: [{ name: 'paper_load', interval: every, rules: [{ record: series, labels, expr: promqlOfAll(all) }] }],
  })
