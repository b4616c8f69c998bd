import type { GuardedResource } from './resource.ts'

/** A date: '2027-03-31'. */
export type Day = `${number}-${number}-${number}`

/** One rule that does not bind some resources until a day. */
export interface Exemption {
  readonly rule: string
  /** Type and name in Pulumi, '::' between; '*' stands for any text: 'kubernetes:apps/v1:Deployment::deployment-siem-*'. */
  readonly resource: string
  /** Environments that it holds in. */
  readonly environments: readonly string[]
  /** A sentence: why it must be so, and what will end it. */
  readonly reason: string
  /** The last day that it holds. */
  readonly until: Day
}

const pattern = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

/** Whether an exemption is about a resource, whatever the day. */
export const covers = ({ resource }: Exemption, { type, name }: Pick<GuardedResource, 'type' | 'name'>): boolean =>
  pattern(resource).test(`${type}::${name}`)

/** Whether its last day is over. `today` as in '2027-03-31'. */
export const isOver = ({ until }: Exemption, today: string): boolean => today > until

/** What is wrong with a list of exemptions: one sentence each. */
export function exemptionProblems(
  list: readonly Exemption[],
  rules: readonly string[],
  environments: readonly string[],
  today: string,
): readonly { readonly exemption: Exemption; readonly message: string }[] {
  return list.flatMap((exemption) => {
    const says = (bad: boolean, message: string) =>
      bad
        ? [{ exemption, message: `The exemption of '${exemption.resource}' from '${exemption.rule}' ${message}` }]
        : []
    const strange = exemption.environments.filter((name) => !environments.includes(name))
    return [
      ...says(!rules.includes(exemption.rule), 'should name a rule that there is.'),
      ...says(strange.length > 0, `should name environments that there are, not ${strange.join(', ')}.`),
      ...says(exemption.environments.length === 0, 'should name an environment.'),
      ...says(exemption.reason.trim().length < 20, 'should say its reason in a sentence.'),
      ...says(!/^\d{4}-\d\d-\d\d$/.test(exemption.until), "should end on a day such as '2027-03-31'."),
      ...says(isOver(exemption, today), `ended on ${exemption.until}: keep the rule, or agree on a new day.`),
    ]
  })
}
