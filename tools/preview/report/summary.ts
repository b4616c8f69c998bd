import { exceeds } from '../capacity/capacity.ts'
import { fromPrograms } from '../compare/consequences.ts'
import type { ChangeKind, ResourceChange } from '../compare/resources.ts'
import { total } from '../cost/bill.ts'
import type { Replayed, ScalingEffect } from '../scaling/effects.ts'
import { countKinds, type Report } from './report.ts'
import { count, difference, dollars, plural } from './values.ts'

/** Why a reviewer should stop at a change of something that keeps data. */
export const atRisk = (changes: readonly ResourceChange[]): ResourceChange[] =>
  changes.filter(({ data, kind }) => data && (kind === 'replaced' || kind === 'deleted' || kind === 'may-replace'))

export interface Verdict {
  readonly kind: 'refused' | 'careful' | 'changes' | 'nothing'
  readonly words: string
}

/** The first sentence of both reports. */
export function verdictOf({ violations, changes }: Report): Verdict {
  const risk = atRisk(changes).length
  if (violations.length > 0)
    return { kind: 'refused', words: `Refused: ${plural(violations.length, 'mandatory violation')}.` }
  if (risk > 0)
    return {
      kind: 'careful',
      words: `Allowed, but ${plural(risk, 'resource')} that ${risk === 1 ? 'keeps' : 'keep'} data would be replaced or deleted.`,
    }
  if (changes.length === 0)
    return { kind: 'nothing', words: 'Nothing changes: both revisions make the same resources.' }
  return { kind: 'changes', words: 'Allowed: nothing mandatory is violated, and no data is at risk.' }
}

const labels: readonly (readonly [ChangeKind, string])[] = [
  ['added', 'added'],
  ['changed', 'changed'],
  ['may-replace', 'changed (may be replaced)'],
  ['replaced', 'replaced'],
  ['deleted', 'deleted'],
]

/** '3 added, 12 changed' */
export function countWords(changes: readonly ResourceChange[]): string {
  const counts = countKinds(changes)
  const words = labels.filter(([kind]) => counts[kind] > 0).map(([kind, word]) => `${counts[kind]} ${word}`)
  return words.length > 0 ? words.join(', ') : 'none'
}

export interface Money {
  readonly before: { readonly min: number; readonly max: number }
  readonly after: { readonly min: number; readonly max: number }
}

export const money = ({ bill }: Report): Money => ({
  before: { min: total(bill, 'before', 'min'), max: total(bill, 'before', 'max') },
  after: { min: total(bill, 'after', 'min'), max: total(bill, 'after', 'max') },
})

/** What it costs a month, and how that changes: '$12 to $34', '+$1 to +$2'. */
export function moneyParts(report: Report): { readonly now: string; readonly change: string } {
  const { before, after } = money(report)
  const change = [after.min - before.min, after.max - before.max].map(difference)
  return {
    now: `${dollars(after.min)} to ${dollars(after.max)}`,
    change: change.every((words) => words === '±$0') ? 'as before' : change.join(' to '),
  }
}

/** '$12 to $34 a month (+$1 to +$2)' */
export function moneyWords(report: Report): string {
  const { now, change } = moneyParts(report)
  return `${now} a month (${change})`
}

/** Whether everything fits its limits at the most replicas, and what does not. */
export function capacityParts({ capacity }: Report): { readonly title: string; readonly words: string } {
  const over = capacity.flatMap(({ after }) => (after && exceeds(after) ? after : []))
  if (capacity.length === 0) return { title: 'None', words: 'no stacks in the cloud' }
  if (over.length === 0) return { title: 'Fits', words: 'all limits hold at the most replicas' }
  const each = over.map(
    ({ environment, what, unit, max, limit }) => `${what} in ${environment} (${max} of ${limit} ${unit})`,
  )
  const more = over.length > 3 ? `; and ${over.length - 3} more` : ''
  return { title: 'Does not fit', words: `${each.slice(0, 3).join('; ')}${more}` }
}

/** 'Fits: all limits hold at the most replicas' */
export function capacityWords(report: Report): string {
  const { title, words } = capacityParts(report)
  return `${title}: ${words}`
}

/** '2 new, 1 known; 3 settled' */
export function findingWords({ findings, verdicts }: Report): string {
  const now = [...findings.now, ...verdicts.now]
  const fresh = now.filter(({ isNew }) => isNew).length
  const gone = findings.gone.length + verdicts.gone.length
  if (now.length + gone === 0) return 'none'
  return [`${fresh} new`, `${now.length - fresh} known`, ...(gone > 0 ? [`${gone} settled`] : [])].join(', ')
}

/** What follows from no single edit of a policy; undefined: nothing does. */
export function programWords({ changes, policies, stacks }: Report): string | undefined {
  const fresh = new Set(stacks.flatMap(({ stack, isNew }) => (isNew ? stack : [])))
  const inNew = changes.filter(({ stack }) => fresh.has(stack)).length
  const added =
    inNew > 0 ? `${plural(inNew, 'resource is', 'resources are')} of stacks that were not there before. ` : ''
  const rest = fromPrograms(changes, policies) - inNew
  if (rest === 0) return added.trim() || undefined
  const edits = policies.length > 0 ? ', or from several edits together' : ''
  return `${added}${plural(rest, 'resource changes', 'resources change')} because of the programs${edits}.`
}

/** What this comparison is, and is not. Both reports end with it. */
export const whatThisIs =
  'This compares two programs, not what is deployed: both were run against a model of the cloud, without credentials. What somebody changed by hand, and what the cloud would refuse, shows only in `pulumi preview` on a trusted branch.'

/** What the table of replicas over recorded load is, or why there is none. */
export const scalingWords = ({ scaling }: Report): string =>
  scaling.length === 0
    ? 'No row of the scaling matrix scales otherwise than before.'
    : 'Each trace was replayed through the autoscaler of the cluster, before and after (docs/simulate.md). Traces that the project carries are scaled to 95 % of what the pods of the row before shall have at the most. Money: pod hours of a month of such load on the machines that they need, in one region.'

/** One effect as cells: policy, trace, and each figure before and after. */
export function scalingCells({ policy, trace, peak, before, after }: ScalingEffect): string[] {
  const cell = (of: (run: Replayed) => string): string => {
    const [was, is] = [before, after].map((run) => (run ? of(run) : 'none'))
    return was === is ? `${is}` : `${was} → ${is}`
  }
  const environments = Object.keys({ ...before?.money, ...after?.money })
  return [
    policy,
    `${trace}, ${count(peak)}/s`,
    cell(({ figures }) => count(figures.overload_minutes)),
    cell(({ figures }) => `${(figures.excess_request_share * 100).toFixed(2)} %`),
    cell(({ figures }) => count(figures.pod_hours)),
    cell(({ figures }) => count(figures.scale_events)),
    cell(({ figures }) => count(figures.max_replicas)),
    environments.map((name) => `${name}: ${cell(({ money }) => dollars(money[name] ?? 0))}`).join(', '),
  ]
}

/** What the cells are; the third to the seventh are numbers. */
export const scalingHead = [
  'policy',
  'trace, busiest minute',
  'overload minutes',
  'excess requests',
  'pod hours',
  'scale events',
  'most pods',
  'US dollars a month',
] as const
