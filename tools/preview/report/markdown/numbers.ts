import { type CapacityChange, exceeds } from '../../capacity/capacity.ts'
import type { BillChange } from '../../cost/bill.ts'
import { pricesAsOf } from '../../cost/prices.ts'
import { curveWords, growthEnvironments, growthIs, growthLine, growthLoads, serviceLines } from '../growth.ts'
import type { Report } from '../report.ts'
import { money, scalingCells, scalingHead, scalingWords } from '../summary.ts'
import { count, difference, dollars } from '../values.ts'
import { details, type Level, most, plain, table } from './text.ts'

const differs = ({ before, after }: CapacityChange): boolean =>
  before?.min !== after?.min || before?.max !== after?.max || before?.limit !== after?.limit

const moved = (before: number | undefined, after: number | undefined): string =>
  before === undefined || before === after || after === undefined
    ? count(after ?? before ?? 0)
    : `${count(before)} → ${count(after)}`

const capacityRow = ({ before, after }: CapacityChange): string[] => {
  const row = (after ?? before)!
  return [
    row.environment,
    `${row.what}, ${row.unit}`,
    moved(before?.min, after?.min),
    moved(before?.max, after?.max),
    moved(before?.limit, after?.limit),
    !after ? 'gone' : exceeds(after) ? '**does not fit**' : 'fits',
  ]
}

/** What each region takes of what it may. */
export function capacityText({ capacity }: Report, level: Level): string {
  if (capacity.length === 0) return ''
  const first = capacity.filter((change) => differs(change) || (change.after && exceeds(change.after)))
  const rest = capacity.filter((change) => !first.includes(change))
  const head = ['environment', 'of', 'fewest replicas', 'most replicas', 'limit', '']
  const tableOf = (rows: readonly CapacityChange[]) =>
    [
      table(head, rows.slice(0, level.rows).map(capacityRow), [2, 3, 4]),
      ...(rows.length > level.rows ? ['', `… and ${rows.length - level.rows} more rows in the HTML report.`] : []),
    ].join('\n')
  return [
    '### Capacity of each region',
    '',
    first.length > 0 ? tableOf(first) : 'No limit and nothing that is limited changes.',
    ...(rest.length > 0 && level.properties > 0 ? ['', details(`${rest.length} unchanged limits`, tableOf(rest))] : []),
  ].join('\n')
}

/** What each region takes at its ordinary load and at multiples of it. */
export function growthText({ growth }: Report, level: Level): string {
  if (growth.length === 0) return ''
  const rows = growth.map((change) => {
    const { environment, load, machines, dollars: cost, change: moved, short } = growthLine(change)
    return [environment, load, machines, cost, moved, short.length > 0 ? `**${short.map(plain).join('; ')}**` : 'fits']
  })
  const loads = growthLoads(growth).map((load) => `${load}×`)
  const ofServices = growthEnvironments(growth).map((environment) => {
    const lines = serviceLines(growth, environment).map(({ service, cells }) => [
      service,
      ...cells.map(({ pods, by }) => `${pods} (${by})`),
      cells.map(({ busy }) => busy || '–').join(' / '),
      cells.map(({ p99 }) => p99 || '–').join(' / '),
    ])
    const head = ['service', ...loads.map((load) => `pods at ${load}`), 'busy', 'P99']
    return details(`Pods of ${environment}`, table(head, lines))
  })
  return [
    '### Load: what a region takes at 1×, 2× and 10×',
    '',
    table(['environment', 'load', 'machines', 'a month', 'change', ''], rows, [3, 4]),
    ...(level.properties > 0
      ? [
          '',
          ...ofServices,
          details(
            'Where the curves come from',
            curveWords()
              .map((text) => `- ${plain(text)}`)
              .join('\n'),
          ),
        ]
      : []),
    '',
    plain(growthIs),
  ].join('\n')
}

const billRow = ({ environment, service, before, after }: BillChange): string[] => [
  environment,
  service,
  ...(['min', 'max'] as const).flatMap((at) => [
    dollars(after?.[at] ?? 0),
    difference((after?.[at] ?? 0) - (before?.[at] ?? 0)),
  ]),
]

/** What it costs in a month. */
export function moneyText(report: Report, level: Level): string {
  const { bill, unpriced } = report
  if (bill.length === 0) return ''
  const changed = bill.filter((line) => billRow(line).some((text, i) => i > 1 && i % 2 === 1 && text !== '±$0'))
  const same = bill.filter((line) => !changed.includes(line))
  const { before, after } = money(report)
  const sum = [
    '',
    '**all**',
    ...(['min', 'max'] as const).flatMap((at) => [
      `**${dollars(after[at])}**`,
      `**${difference(after[at] - before[at])}**`,
    ]),
  ]
  const head = ['environment', 'service', 'fewest replicas', 'change', 'most replicas', 'change']
  const rows = [...changed.slice(0, level.rows).map(billRow), sum]
  return [
    '### Money, US dollars a month',
    '',
    table(head, rows, [2, 3, 4, 5]),
    ...(same.length > 0 && level.properties > 0
      ? ['', details(`${same.length} unchanged lines`, table(head, same.map(billRow), [2, 3, 4, 5]))]
      : []),
    '',
    `List prices as of ${pricesAsOf} (\`tools/preview/cost/prices.json\`), without discounts. Traffic, requests and what is stored in S3 and logs are paid by use and in no sum.`,
    ...(unpriced.length > 0 ? [`No price is known for: ${most(unpriced, 8, 'types', plain).join(', ')}.`] : []),
  ].join('\n')
}

/** Over which edges copies go. */
export function linksText({ links }: Report): string {
  if (links.length === 0) return ''
  const rows = links.map(
    ({ environment, from, to, jurisdiction, replication, roundTrip, ofBudget, carries, forbidden }) => [
      environment,
      `${from} → ${to} (${jurisdiction})`,
      replication,
      `${roundTrip}, ${Math.round(ofBudget * 100)} %`,
      carries.join(', ') || 'nothing',
      forbidden.length > 0 ? `**${forbidden.join(', ')}**` : '',
    ],
  )
  const head = ['environment', 'edge', 'hot tier', 'round trip, of the latency budget', 'copies', 'not allowed']
  return details('Residency and latency of every replication edge', table(head, rows))
}

/** What changed rows of the scaling matrix do with traces. */
export function scalingText(report: Report, level: Level): string {
  const { scaling } = report
  if (scaling.length === 0) return ''
  return [
    '### Replicas over recorded load',
    '',
    table(scalingHead, scaling.slice(0, level.rows).map(scalingCells), [2, 3, 4, 5, 6]),
    ...(scaling.length > level.rows ? ['', `… and ${scaling.length - level.rows} more rows in the HTML report.`] : []),
    '',
    scalingWords(report),
  ].join('\n')
}
