import { hidden } from '../../../infra/graph/graph.ts'
import type { PropertyChange } from '../compare/difference.ts'

const longest = 100

/** Properties whose value is nobody's business, whatever the program says of it. */
const secretKey = /password|passphrase|privatekey|secret(?!.*(arn|name|ref|id)$)|authtoken|\btoken$|credential/i

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))

/** A value on one line. */
const flat = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')

/** Of a long text, the part around `at`. */
function window(value: string, at: number): string {
  if (value.length <= longest) return value
  const start = Math.max(0, Math.min(at - 20, value.length - longest))
  return `${start > 0 ? '…' : ''}${value.slice(start, start + longest)}${start + longest < value.length ? '…' : ''}`
}

function firstDifference(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}

/** Both sides of a change as short texts of one line; undefined where there is nothing. Secrets stay secret. */
export function shown(change: PropertyChange): {
  readonly before: string | undefined
  readonly after: string | undefined
} {
  const mask = (value: unknown): string | undefined =>
    value === undefined ? undefined : secretKey.test(change.path) ? hidden : flat(text(value))
  const [before, after] = [mask(change.before), mask(change.after)]
  const at = before !== undefined && after !== undefined ? firstDifference(before, after) : 0
  return {
    before: before === undefined ? undefined : window(before, at),
    after: after === undefined ? undefined : window(after, at),
  }
}

/** '1,234' */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** '$1,234', '$0.60' */
export function dollars(value: number): string {
  const amount = Math.abs(value)
  return `${value < 0 ? '−' : ''}$${amount > 0 && amount < 10 && !Number.isInteger(amount) ? amount.toFixed(2) : count(amount)}`
}

/** '$141k', '$7.1k', '$940': as much as a plot has room for. */
export function roundDollars(value: number): string {
  const amount = Math.abs(value)
  if (amount < 1_000) return dollars(value)
  return `${value < 0 ? '−' : ''}$${amount < 10_000 ? (amount / 1_000).toFixed(1) : Math.round(amount / 1_000)}k`
}

/** '+$12', '−$12', '±$0' */
export const difference = (value: number): string =>
  Math.round(value) === 0 ? '±$0' : `${value > 0 ? '+' : '−'}$${count(Math.abs(value))}`

/** 'one resource', '3 resources' */
export const plural = (amount: number, one: string, many = `${one}s`): string =>
  `${count(amount)} ${amount === 1 ? one : many}`

/** 'Deployment', 'msk.Cluster': the end of a type that a person reads. */
export function shortType(type: string): string {
  const [provider = '', module = '', name = ''] = type.split(':')
  return provider === 'kubernetes' ? name : `${module.split('/')[0]}.${name}`
}

/** The first three of some places, and how many more there are. */
export const places = (where: readonly string[]): string =>
  where.length <= 3 ? where.join(', ') : `${where.slice(0, 3).join(', ')} and ${where.length - 3} more`
