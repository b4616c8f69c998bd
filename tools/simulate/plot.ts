import type { Trace } from './load.ts'
import type { Run } from './report.ts'

const bars = ' ▁▂▃▄▅▆▇█'
const widest = 240

/** For each of `width` stretches of the trace, the index of its first minute and of the one after its last. */
function stretches(minutes: number, width: number): (readonly [from: number, to: number])[] {
  const count = Math.min(minutes, width)
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * minutes) / count),
    Math.floor(((i + 1) * minutes) / count),
  ])
}

/** The highest number of each stretch. */
function highest(values: Float64Array | Uint16Array, width: number): number[] {
  return stretches(values.length, width).map(([from, to]) => {
    let most = 0
    for (let minute = from; minute < to; minute++)
      if ((values[minute] as number) > most) most = values[minute] as number
    return most
  })
}

const spark = (values: readonly number[], top: number): string =>
  values.map((value) => bars[value > 0 ? Math.max(1, Math.round((value / top) * (bars.length - 1))) : 0]).join('')

/** Demand, replicas and overload over time, one line each: the most of every stretch, and a mark where a minute of it was overloaded. */
export function plot({ perSecond }: Trace, runs: readonly Run[], columns = 100): string {
  const label = Math.max(...['demand', ...runs.map(({ mode }) => mode)].map((name) => name.length)) + 2
  const width = Math.max(10, Math.min(columns, widest) - label - 10)
  const top = Math.max(1, ...runs.map(({ figures }) => figures.max_replicas))
  const peak = highest(perSecond, width)
  const most = Math.max(...peak, 0)
  return [
    `${'demand'.padEnd(label)}${spark(peak, most || 1)} ≤ ${Math.round(most)}/s`,
    ...runs.flatMap(({ mode, replicas, ready, capacity }) => [
      `${mode.padEnd(label)}${spark(highest(replicas, width), top)} ≤ ${top} pods`,
      `${''.padEnd(label)}${stretches(perSecond.length, width)
        .map(([from, to]) => {
          for (let minute = from; minute < to; minute++)
            if ((perSecond[minute] as number) > (ready[minute] as number) * capacity) return '!'
          return ' '
        })
        .join('')} ! overloaded`,
    ]),
  ].join('\n')
}
