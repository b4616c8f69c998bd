import type { Built, JudgedFinding } from '../build/built.ts'
import type { Verdict } from '../build/guardrails.ts'

/** Something that was said of a revision, and whether the other side had it too. */
export interface Said<T> {
  readonly said: T
  readonly isNew: boolean
}

export interface SaidChange<T> {
  /** Of the head; what is new comes first. */
  readonly now: readonly Said<T>[]
  /** Of the base, and not of the head any more. */
  readonly gone: readonly T[]
}

function compare<T>(before: readonly T[], after: readonly T[], key: (said: T) => string): SaidChange<T> {
  const [old, own] = [before, after].map((all) => new Set(all.map(key)))
  const now = after.map((said) => ({ said, isNew: !old!.has(key(said)) }))
  return {
    now: [...now.filter(({ isNew }) => isNew), ...now.filter(({ isNew }) => !isNew)],
    gone: before.filter((said) => !own!.has(key(said))),
  }
}

/** A finding is the same one as long as it says the same. */
export const compareFindings = (before: readonly JudgedFinding[], after: readonly JudgedFinding[]) =>
  compare(before, after, ({ rule, message, stops }) => [rule, message, ...stops].join('\n'))

export const compareVerdicts = (before: readonly Verdict[], after: readonly Verdict[]) =>
  compare(before, after, ({ rule, stack, urn, message, enforcement }) =>
    [rule, stack, urn, message, enforcement].join('\n'),
  )

/** A value may be spelled in two ways: '224Gi', '229376Mi'. */
const withoutValue = (message: string): string => message.replace(/\([^)]*\)/, '')

/**
 * Verdicts that say more than the findings: the pack judges by the same checks what the programs make of the policies, and what both
 * say is said once. One that stops what the finding only advises against stays.
 */
export function ownVerdicts({ findings, verdicts, stacks }: Built): Verdict[] {
  const said = new Map(findings.map((finding) => [`As deployed, ${withoutValue(finding.message)}`, finding.stops]))
  const environments = new Map(stacks.map(({ stack, environment }) => [stack, environment ?? 'local']))
  return verdicts.filter(({ message, enforcement, stack }) => {
    const stopped = said.get(withoutValue(message))
    return !stopped || (enforcement === 'mandatory' && !stopped.includes(environments.get(stack) ?? ''))
  })
}

/** Whether a verdict stops the change. */
export const stops = ({ enforcement, exempted }: Verdict): boolean => enforcement === 'mandatory' && !exempted
