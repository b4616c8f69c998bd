import { createHmac } from 'node:crypto'
import type { Answer, Row } from '../answer.ts'
import { type CrossRules, groupNumbers } from './statement.ts'

/** Uniform in 0 to 1, the same for the same text and key. */
function uniform(key: Buffer, text: string): number {
  const digest = createHmac('sha256', key).update(text).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}

/** The greatest power of ten that is at most `value`; 1 at least. */
const grainOf = (value: number): number => 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))))

/**
 * What may be said of a group of events: undefined when it is too small or mostly one tenant's. Its tenants are rounded down to whole multiples of
 * `minTenants`. To its events comes a deviation of up to the largest tenant's own, either way, and then they are rounded to the power of ten below
 * that: what one tenant adds is within the deviation. The deviation follows from the very data of the group, so asking for the same in other
 * words gives the same and does not average out.
 */
export function releasedGroup(
  { tenants, events, largest, members }: Readonly<Record<(typeof groupNumbers)[number], number | string>>,
  rules: CrossRules,
  key: Buffer,
): { readonly tenants: number; readonly events: number } | undefined {
  const [count, total, most] = [Number(tenants), Number(events), Number(largest)]
  if (!(count >= rules.minTenants && most <= total * rules.largestShare)) return undefined
  const deviation = (2 * uniform(key, JSON.stringify([members, count, total, most])) - 1) * most
  const grain = grainOf(most)
  return {
    tenants: Math.floor(count / rules.minTenants) * rules.minTenants,
    events: Math.max(0, Math.round((total + deviation) / grain) * grain),
  }
}

/** The engine's answer to a `crossStatement`, with each group's numbers as they may be said. */
export function released(answer: Answer, rules: CrossRules, key: Buffer): Answer {
  const groups = answer.columns.length - groupNumbers.length
  const rows = answer.rows.flatMap((row): Row[] => {
    const [tenants, events, largest, members] = row.slice(groups) as (number | string)[]
    const group = releasedGroup(
      { tenants: tenants!, events: events!, largest: largest!, members: members! },
      rules,
      key,
    )
    return group ? [[...row.slice(0, groups), group.tenants, group.events]] : []
  })
  return { columns: [...answer.columns.slice(0, groups), 'tenants', 'events'], rows }
}
