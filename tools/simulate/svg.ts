import { peakOf, type Trace } from './load.ts'
import type { Run } from './report.ts'

const width = 1_200
const height = 180
const gap = 36
const colours = { demand: '#9aa0a6', ready: '#1a73e8', overload: '#d93025' } as const

/** Points of a line over time, the extremes of every pixel kept. */
function line(values: ArrayLike<number>, top: number): string {
  const points: string[] = []
  const x = (minute: number): string => ((minute / Math.max(1, values.length)) * width).toFixed(1)
  const y = (value: number): string => (height - (value / top) * height).toFixed(1)
  const step = Math.max(1, values.length / width)
  for (let from = 0; from < values.length; from += step) {
    const until = Math.min(values.length, from + step)
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (let minute = Math.floor(from); minute < until; minute++) {
      const value = values[minute] as number
      if (Number.isNaN(value)) continue
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    if (least <= most) points.push(`${x(from)},${y(least)}`, `${x(from)},${y(most)}`)
  }
  return points.join(' ')
}

function overloads({ perSecond }: Trace, { ready, capacity }: Run): string {
  const marks: string[] = []
  for (let minute = 0; minute < perSecond.length; minute++)
    if ((perSecond[minute] as number) > (ready[minute] as number) * capacity) {
      const x = ((minute / perSecond.length) * width).toFixed(1)
      if (marks.at(-1) !== x) marks.push(x)
    }
  return marks.map((x) => `M${x} 0V${height}`).join('')
}

/** A picture of the runs, one below the other: demand in grey, what the ready pods can answer in blue, overload in red. */
export function svg(trace: Trace, runs: readonly Run[]): string {
  const demand = peakOf(trace)
  const panels = runs.map((run, i) => {
    const able = Float64Array.from(run.ready, (pods) => pods * run.capacity)
    const top = Math.max(1, demand, run.figures.max_replicas * run.capacity)
    return [
      `<g transform="translate(0 ${i * (height + gap) + gap})">`,
      `<text y="-8">${run.mode}: ${run.figures.overload_minutes} minutes overloaded, ${run.figures.pod_hours.toFixed(1)} pod hours</text>`,
      `<path d="${overloads(trace, run)}" stroke="${colours.overload}" stroke-opacity="0.5"/>`,
      `<polyline points="${line(trace.perSecond, top)}" fill="none" stroke="${colours.demand}"/>`,
      `<polyline points="${line(able, top)}" fill="none" stroke="${colours.ready}"/>`,
      `</g>`,
    ].join('\n')
  })
  const full = runs.length * (height + gap) + gap / 2
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${full}" font-family="sans-serif" font-size="14">`,
    '<title>Demand (grey), what the ready pods can answer (blue), overload (red)</title>',
    `<rect width="${width}" height="${full}" fill="white"/>`,
    ...panels,
    '</svg>',
    '',
  ].join('\n')
}
