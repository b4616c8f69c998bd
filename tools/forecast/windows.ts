import { type Mode, modes } from '../simulate/foresight.ts'
import { scaledTo, type Trace } from '../simulate/load.ts'
import type { Plan } from '../simulate/plan.ts'
import { simulate } from '../simulate/simulate.ts'

const dayMinutes = 1_440

/** A part of a trace, as if nothing had been before it. */
export interface Window extends Trace {
  /** Days from the trace's first minute to the window's. */
  readonly from: number
  readonly days: number
}

/** All windows of a length, one every `step` days; of a trace that is shorter than one: itself. */
export function windowsOf({ perSecond }: Trace, days: number, step: number): Window[] {
  const length = Math.round(days * dayMinutes)
  const windows: Window[] = []
  for (let from = 0; ; from += step) {
    const start = Math.round(from * dayMinutes)
    if (from > 0 && start + length > perSecond.length) return windows
    const part = perSecond.slice(start, start + length)
    windows.push({ from, days: part.length / dayMinutes, perSecond: part })
  }
}

/** What a policy did with one load at one start-up and capacity, by mode. */
export interface Comparison {
  /** Seconds until a new pod is ready, and requests per second that it answers then. */
  readonly startup: number
  readonly capacity: number
  readonly overload: Readonly<Record<Mode, number>>
  readonly podHours: Readonly<Record<Mode, number>>
}

/** Replays a window, scaled to a peak, in each mode. The pods do not depend on the capacity, so one replay tells of all capacities. */
export function compare(
  window: Trace,
  plan: Plan,
  {
    peak,
    startups,
    capacities,
  }: { readonly peak: number; readonly startups: readonly number[]; readonly capacities: readonly number[] },
): Comparison[] {
  const trace = scaledTo(peak, window)
  return startups.flatMap((startup) => {
    const runs = modes.map((mode) => simulate(trace, plan, { mode, startup, capacity: capacities[0] ?? 1 }))
    const each = (figure: (run: (typeof runs)[number]) => number) =>
      Object.fromEntries(modes.map((mode, i) => [mode, figure(runs[i]!)])) as Record<Mode, number>
    const podHours = each(({ figures }) => figures.pod_hours)
    return capacities.map((capacity) => ({
      startup,
      capacity,
      podHours,
      overload: each(({ ready }) =>
        trace.perSecond.reduce((sum, demand, minute) => sum + (demand > ready[minute]! * capacity ? 1 : 0), 0),
      ),
    }))
  })
}

/** The sums of comparisons at the same start-up and capacity. */
export function summed(comparisons: readonly Comparison[]): Comparison[] {
  const sums = new Map<string, Comparison>()
  for (const one of comparisons) {
    const key = `${one.startup} ${one.capacity}`
    const before = sums.get(key)
    sums.set(
      key,
      before
        ? { ...one, overload: plus(before.overload, one.overload), podHours: plus(before.podHours, one.podHours) }
        : one,
    )
  }
  return [...sums.values()]
}

const plus = (a: Readonly<Record<Mode, number>>, b: Readonly<Record<Mode, number>>): Record<Mode, number> =>
  Object.fromEntries(modes.map((mode) => [mode, a[mode] + b[mode]])) as Record<Mode, number>

/** Of the overload minutes that the oracle saves, the share that the forecast saves; undefined where there is nothing to save. */
export function closed({ overload: { reactive, predictive, oracle } }: Comparison): number | undefined {
  return reactive > oracle ? (reactive - predictive) / (reactive - oracle) : undefined
}

/** A table: a line for each window, then the sums; `reactive>predictive>oracle` overload minutes, the share of the gap that was closed, pod hours over reactive's. */
export function report(
  windows: readonly { readonly from: number; readonly days: number; readonly runs: readonly Comparison[] }[],
  all: readonly Comparison[],
): string {
  const more = ({ podHours: { reactive, predictive } }: Comparison) => percent(predictive / reactive - 1, 2)
  const cell = (one: Comparison): string => {
    const { reactive, predictive, oracle } = one.overload
    const share = closed(one)
    return `${reactive}>${predictive}>${oracle} ${share === undefined ? '-' : percent(share, 0)} +${more(one)}`
  }
  const rows = [
    ['window', ...all.map(({ startup, capacity }) => `${startup} s, ${capacity}/s`)],
    ...windows.map(({ from, days, runs }) => [`day ${from}, ${Number(days.toFixed(1))} days`, ...runs.map(cell)]),
    ['all', ...all.map(cell)],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const percent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)} %`
