import { type CapacityRow, exceeds } from '../../capacity/capacity.ts'
import type { ChangeKind } from '../../compare/resources.ts'
import type { BillChange } from '../../cost/bill.ts'
import type { Report, StackRow } from '../report.ts'
import { count, roundDollars } from '../values.ts'
import { h, type Markup, nothing } from './markup.ts'

// Widths are percentages and texts have a fixed size, so that a plot is as readable on a phone as on a desk.
const rowHeight = 44
const barTop = 20
const barHeight = 11

const percent = (share: number): string => `${Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 100}%`

interface Bar {
  readonly from: number
  readonly to: number
  readonly fill: string
  readonly opacity?: number
  readonly top?: number
  readonly height?: number
}

const rect = ({ from, to, fill, opacity = 1, top = barTop, height = barHeight }: Bar): Markup =>
  to <= from
    ? nothing
    : h`<rect x="${percent(from)}" y="${top}" width="${percent(to - from)}" height="${height}" rx="2" fill="var(--${fill})" fill-opacity="${opacity}"/>`

interface Row {
  readonly label: string
  readonly value: string
  readonly alarming?: boolean
  readonly bars: readonly Bar[]
  /** Where a limit stands. */
  readonly line?: number
}

/** One plot: a label, a number and a bar for each row. `words` say it to those who do not see it. */
function plot(id: string, caption: string, words: string, rows: readonly Row[]): Markup {
  const track = (height: number): Bar => ({ from: 0, to: 1, fill: 'track', height })
  return h`<figure><figcaption id="${id}">${caption}</figcaption>
<svg class="plot" height="${rows.length * rowHeight}" role="img" aria-labelledby="${id}" aria-describedby="${id}-words"><desc id="${id}-words">${words}</desc>
${rows.map(
  ({ label, value, alarming, bars, line }, i) => h`<svg y="${i * rowHeight}" height="${rowHeight}" width="100%">
<text x="0" y="14">${label}</text><text x="100%" y="14" text-anchor="end" class="${alarming ? 'over' : 'soft'}">${value}</text>
${rect(track(Math.max(barHeight, ...bars.filter(({ height = barHeight }) => height > 3).map(({ top = barTop, height = barHeight }) => top + height - barTop))))}${bars.map(rect)}${line === undefined ? nothing : h`<line x1="${percent(line)}" x2="${percent(line)}" y1="${barTop - 3}" y2="${barTop + barHeight + 3}" stroke="var(--ink)" stroke-width="2"/>`}
</svg>`,
)}</svg></figure>`
}

const range = (min: number, max: number): string => (min === max ? count(max) : `${count(min)} to ${count(max)}`)

function capacityBars(row: CapacityRow, before: CapacityRow | undefined): Row {
  const scale = Math.max(row.limit, row.max, before?.max ?? 0, 1)
  const over = exceeds(row)
  return {
    label: `${row.what}, ${row.unit}`,
    value: `${range(row.min, row.max)} of ${count(row.limit)}`,
    alarming: over,
    bars: [
      { from: 0, to: Math.min(row.max, row.limit) / scale, fill: 'blue', opacity: 0.35 },
      { from: row.limit / scale, to: row.max / scale, fill: 'red', opacity: 0.75 },
      { from: 0, to: Math.min(row.min, row.limit) / scale, fill: 'blue' },
      ...(before && before.max !== row.max
        ? [{ from: 0, to: before.max / scale, fill: 'grey', top: barTop + barHeight + 2, height: 3 }]
        : []),
    ],
    line: row.limit / scale,
  }
}

/** What is taken of what may be, one plot for each environment. */
export function capacityPlots({ capacity }: Report): Markup {
  const rows = capacity.filter(({ after }) => after)
  const environments = [...new Set(rows.map(({ after }) => after!.environment))]
  return h`<div class="legend"><span style="--key:var(--blue)">at the fewest replicas</span><span style="--key:color-mix(in srgb,var(--blue) 35%,var(--track))">at the most</span><span style="--key:var(--red)">beyond the limit</span><span style="--key:var(--grey)">the most before</span></div>
<div class="columns">${environments.map((environment) => {
    const own = rows.filter(({ after }) => after!.environment === environment)
    const over = own.filter(({ after }) => exceeds(after!)).length
    const words = `${own.length} limits of ${environment}; ${over === 0 ? 'all hold' : `${over} are exceeded`}. The table below has the numbers.`
    return plot(
      `plot-capacity-${environment}`,
      `Each region of ${environment}`,
      words,
      own.map(({ before, after }) => capacityBars(after!, before)),
    )
  })}</div>`
}

/** What each service costs before and after, over all environments. */
export function costPlot({ bill }: Report): Markup {
  const services = [...Map.groupBy(bill, ({ service }) => service)].map(([service, lines]) => ({
    service,
    before: sum(lines, 'before'),
    after: sum(lines, 'after'),
  }))
  services.sort((a, b) => Math.max(b.after.max, b.before.max) - Math.max(a.after.max, a.before.max))
  const scale = Math.max(1, ...services.flatMap(({ before, after }) => [before.max, before.min, after.max, after.min]))
  const rows = services.map(({ service, before, after }): Row => {
    const change = after.max - before.max
    const pair = ({ min, max }: Range, fill: string, top: number): Bar[] => [
      { from: 0, to: Math.max(max, min) / scale, fill, opacity: 0.35, top, height: 6 },
      { from: 0, to: Math.min(max, min) / scale, fill, top, height: 6 },
    ]
    return {
      label: service,
      value: `${roundDollars(after.min)}${Math.round(after.max) === Math.round(after.min) ? '' : ` to ${roundDollars(after.max)}`}${Math.round(change) === 0 ? '' : ` (${change > 0 ? '+' : ''}${roundDollars(change)})`}`,
      alarming: change > 0 && Math.round(change) !== 0,
      bars: [...pair(before, 'grey', barTop), ...pair(after, 'blue', barTop + 7)],
    }
  })
  return h`<div class="legend"><span style="--key:var(--grey)">before</span><span style="--key:var(--blue)">after</span><span style="--key:color-mix(in srgb,var(--blue) 35%,var(--track))">pale: at the most replicas</span></div>
${plot('plot-cost', 'A month, by service, all environments', `${rows.length} services. The table below has the numbers.`, rows)}`
}

/** What the machines of a region cost at each load, before and after. */
export function growthPlot({ growth }: Report): Markup {
  const scale = Math.max(1, ...growth.flatMap(({ before, after }) => [before?.dollars ?? 0, after?.dollars ?? 0]))
  const rows = growth.flatMap(({ before, after }): Row[] =>
    after
      ? [
          {
            label: `${after.environment} at ${after.multiple}×`,
            value: `${roundDollars(after.dollars)}${after.short.length > 0 ? ', short' : ''}`,
            alarming: after.short.length > 0,
            bars: [
              { from: 0, to: (before?.dollars ?? 0) / scale, fill: 'grey', height: 6 },
              { from: 0, to: after.dollars / scale, fill: 'blue', top: barTop + 7, height: 6 },
            ],
          },
        ]
      : [],
  )
  return h`<div class="legend"><span style="--key:var(--grey)">before</span><span style="--key:var(--blue)">after</span></div>
${plot('plot-growth', 'Machines of a region, a month', `${rows.length} loads. The table below has the numbers.`, rows)}`
}

interface Range {
  readonly min: number
  readonly max: number
}

const sum = (lines: readonly BillChange[], side: 'before' | 'after'): Range => ({
  min: lines.reduce((all, line) => all + (line[side]?.min ?? 0), 0),
  max: lines.reduce((all, line) => all + (line[side]?.max ?? 0), 0),
})

const fills = {
  added: 'green',
  changed: 'blue',
  'may-replace': 'amber',
  replaced: 'red',
  deleted: 'red',
} as const satisfies Record<ChangeKind, string>

const order: readonly ChangeKind[] = ['added', 'changed', 'may-replace', 'replaced', 'deleted']

function stackBar({ stack, counts, resources, error }: StackRow, scale: number): Row {
  let from = 0
  const bars = order.map((kind): Bar => {
    const to = from + counts[kind] / scale
    const bar = { from, to, fill: fills[kind], opacity: kind === 'replaced' ? 0.7 : 1 }
    from = to
    return bar
  })
  const changed = order.reduce((all, kind) => all + counts[kind], 0)
  return {
    label: stack,
    value: error ? 'not built' : `${count(changed)} of ${count(resources + counts.deleted)}`,
    alarming: error !== undefined,
    bars,
  }
}

/** How many entries of each stack are not what they were. */
export function stackPlot({ stacks }: Report): Markup {
  const changed = ({ counts }: StackRow): number => order.reduce((all, kind) => all + counts[kind], 0)
  const scale = Math.max(1, ...stacks.map(changed))
  const half = Math.ceil(stacks.length / 2)
  const words = (some: readonly StackRow[]): string =>
    `${some.filter((row) => changed(row) > 0).length} of ${some.length} stacks change.`
  return h`<div class="legend"><span style="--key:var(--green)">added</span><span style="--key:var(--blue)">changed</span><span style="--key:var(--amber)">may be replaced</span><span style="--key:var(--red)">replaced, deleted</span></div>
<div class="columns">${[stacks.slice(0, half), stacks.slice(half)].map((some, i) =>
    plot(
      `plot-stacks-${i}`,
      i === 0 ? 'Entries that are not what they were, by stack' : '\u00a0',
      words(some),
      some.map((row) => stackBar(row, scale)),
    ),
  )}</div>`
}
