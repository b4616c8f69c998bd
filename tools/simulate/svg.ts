import { peakOf, type Trace } from './load.ts'
import type { Run } from './report.ts'

const width = 1_200
const height = 180
/** Points of a line, at the most twice: the least and the most of each stretch. */
const points = 600
const gap = 36
const colours = { demand: '#9aa0a6', ready: '#1a73e8', overload: '#d93025' } as const

/** Points of a line over time, the extremes of every pixel kept. */
function line(values: ArrayLike<number>, top: number): string {
  const drawn: string[] = []
  const x = (minute: number): string => ((minute / Math.max(1, values.length)) * width).toFixed(1)
  const y = (value: number): string => (height - (value / top) * height).toFixed(1)
  const step = Math.max(1, values.length / points)
  for (let from = 0; from < values.length; from += step) {
    const until = Math.min(values.length, from + step)
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (let minute = Math.floor(from); minute < until; minute++) {
      const value = values[minute] as number
      if (Number.isNaN(value)) continue
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    if (least <= most) drawn.push(`${x(from)},${y(least)}`, `${x(from)},${y(most)}`)
  }
  return drawn.join(' ')
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

/** A run and what it is called. */
export interface Panel {
  readonly title: string
  readonly run: Run
}

/** A picture of runs, one below the other: demand in grey, what the ready pods can answer in blue, overload in red. */
export function svg(trace: Trace, panels: readonly Panel[]): string {
  const demand = peakOf(trace)
  const top = Math.max(1, demand, ...panels.map(({ run }) => run.figures.max_replicas * run.capacity))
  const full = panels.length * (height + gap) + gap / 2
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${full}" font-family="sans-serif" font-size="14">`,
    '<title>Demand (grey), what the ready pods can answer (blue), overload (red)</title>',
    `<rect width="${width}" height="${full}" fill="white"/>`,
    ...panels.flatMap(({ title, run }, i) => [
      `<g transform="translate(0 ${i * (height + gap) + gap})">`,
      `<text y="-8">${title}: ${run.figures.overload_minutes} minutes overloaded, ${run.figures.pod_hours.toFixed(1)} pod hours</text>`,
      `<path d="${overloads(trace, run)}" stroke="${colours.overload}" stroke-opacity="0.5"/>`,
      `<polyline points="${line(trace.perSecond, top)}" fill="none" stroke="${colours.demand}"/>`,
      `<polyline points="${line(
        Float64Array.from(run.ready, (pods) => pods * run.capacity),
        top,
      )}" fill="none" stroke="${colours.ready}"/>`,
      '</g>',
    ]),
    '</svg>',
    '',
  ].join('\n')
}
