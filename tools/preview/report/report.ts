import type { BuiltStack } from '../build/built.ts'
import { type Built, type BuiltVariant, graphOf, type JudgedFinding, type Variant } from '../build/built.ts'
import type { Verdict } from '../build/guardrails.ts'
import type { Revision } from '../build/revision.ts'
import { type CapacityChange, capacity, compareCapacity } from '../capacity/capacity.ts'
import { consequences, type PolicyConsequence } from '../compare/consequences.ts'
import { type ChangeKind, compareStacks, type ResourceChange } from '../compare/resources.ts'
import { type BillChange, bill, compareBills } from '../cost/bill.ts'
import { compareFindings, compareVerdicts, ownVerdicts, type SaidChange, stops } from '../findings/compare.ts'
import { type LinkRow, linkRows } from '../findings/links.ts'
import { compareGrowth, type GrowthChange, growth } from '../growth/growth.ts'
import { type NamedTrace, type ScalingEffect, scalingEffects } from '../scaling/effects.ts'

/** What becomes of one stack, in numbers. */
export interface StackRow {
  readonly stack: string
  /** Entries of its graph after the change. */
  readonly resources: number
  readonly counts: Readonly<Record<ChangeKind, number>>
  /** It was not there before: all of it follows from its being there now. */
  readonly isNew: boolean
  /** Why it could not be built. */
  readonly error?: string
}

/** All that a preview has to say; both reports are functions of it. */
export interface Report {
  readonly base: Pick<Revision, 'name' | 'commit'>
  readonly head: Pick<Revision, 'name' | 'commit'>
  readonly stacks: readonly StackRow[]
  readonly changes: readonly ResourceChange[]
  readonly findings: SaidChange<JudgedFinding>
  readonly verdicts: SaidChange<Verdict>
  readonly policies: readonly PolicyConsequence[]
  readonly capacity: readonly CapacityChange[]
  readonly growth: readonly GrowthChange[]
  readonly bill: readonly BillChange[]
  readonly unpriced: readonly string[]
  readonly links: readonly LinkRow[]
  /** What rows of the scaling matrix that differ do with traces. */
  readonly scaling: readonly ScalingEffect[]
  /** What a reader must know about how this was made. */
  readonly remarks: readonly string[]
  /** Everything that stops the change, each a sentence. Empty: nothing does. */
  readonly violations: readonly Violation[]
}

export interface Violation {
  readonly rule: string
  readonly message: string
  /** Where it binds: environments, stacks, or resources of them. */
  readonly where: readonly string[]
  readonly purpose?: string
  readonly isNew: boolean
}

const noCounts: Readonly<Record<ChangeKind, number>> = {
  added: 0,
  changed: 0,
  'may-replace': 0,
  replaced: 0,
  deleted: 0,
}

export function countKinds(changes: readonly ResourceChange[]): Record<ChangeKind, number> {
  const counts = { ...noCounts }
  for (const { kind } of changes) counts[kind]++
  return counts
}

/** Stacks of both sides, in the order of the head's; those that are gone last. */
function pairs(base: readonly BuiltStack[], head: readonly BuiltStack[]) {
  const names = [...new Set([...head, ...base].map(({ stack }) => stack))]
  return names.map((stack) => ({
    stack,
    before: base.find((one) => one.stack === stack),
    after: head.find((one) => one.stack === stack),
  }))
}

/** The entries of all stacks that are not the same on both sides. A stack that did not build on one side is not compared. */
export const compareAll = (base: readonly BuiltStack[], head: readonly BuiltStack[]): ResourceChange[] =>
  pairs(base, head).flatMap(({ stack, before, after }) =>
    (before && 'error' in before) || (after && 'error' in after)
      ? []
      : compareStacks(stack, before && graphOf(before), after && graphOf(after)),
  )

function violationsOf(report: Pick<Report, 'findings' | 'verdicts'>, head: Built, base: Built): Violation[] {
  const oldErrors = new Set(
    base.stacks.flatMap((stack) => ('error' in stack ? `${stack.stack} ${stack.error.message}` : [])),
  )
  const all: Violation[] = [
    ...report.findings.now
      .filter(({ said }) => said.stops.length > 0)
      .map(({ said, isNew }) => ({
        ...{ rule: said.rule, message: said.message, purpose: said.purpose, isNew },
        where: said.environment ? [said.environment] : said.stops.length > 1 ? ['everywhere'] : said.stops,
      })),
    ...report.verdicts.now
      .filter(({ said }) => stops(said))
      .map(({ said, isNew }) => ({
        rule: said.rule,
        message: said.message,
        where: [`${said.stack}: ${said.urn.split('::').at(-1)}`],
        isNew,
      })),
    ...head.unjudged.map((message) => ({
      rule: 'judged',
      message,
      where: ['everywhere'],
      isNew: !base.unjudged.includes(message),
    })),
    ...head.stacks.flatMap((stack): Violation[] => {
      if (!('error' in stack) || stack.error.notTried) return []
      const { message, findings } = stack.error
      const about = { where: [stack.stack], isNew: !oldErrors.has(`${stack.stack} ${message}`) }
      if (findings.length === 0) return [{ rule: 'builds', message, ...about }]
      return findings.map((finding) => ({
        ...about,
        rule: finding.rule,
        message: finding.message,
        purpose: finding.purpose,
      }))
    }),
  ]
  const same = Map.groupBy(all, ({ rule, message, isNew }) => [rule, message, isNew].join('\n'))
  const merged = [...same.values()].map(
    (ones): Violation => ({ ...ones[0]!, where: ones.flatMap(({ where }) => where) }),
  )
  return [...merged.filter(({ isNew }) => isNew), ...merged.filter(({ isNew }) => !isNew)]
}

/** An older revision's policies may have another shape than this tool knows. */
function guarded<T>(of: () => T, otherwise: T): T {
  try {
    return of()
  } catch {
    return otherwise
  }
}

export interface Sides {
  readonly base: { readonly revision: Revision; readonly built: Built }
  readonly head: { readonly revision: Revision; readonly built: Built }
}

/** Compares two built revisions. `rebuild` builds the head without some policy edits; `traces` are replayed through rows that scale otherwise. */
export async function makeReport(
  { base, head }: Sides,
  rebuild: (variant: Variant) => Promise<BuiltVariant>,
  traces: readonly NamedTrace[],
): Promise<Report> {
  const [old, now] = [base.built, head.built]
  const changes = compareAll(old.stacks, now.stacks)
  const [oldBill, newBill] = [old, now].map(({ policies, stacks }) =>
    guarded(() => bill(policies, stacks), { lines: [], unpriced: [] }),
  )
  const [oldRows, newRows] = [old, now].map(({ policies }) => guarded(() => capacity(policies), []))
  const [oldGrowth, newGrowth] = [old, now].map(({ policies }) => guarded(() => growth(policies), []))
  const links = guarded(() => linkRows(now.policies), [])
  // Of a stack that was not there before, everything follows from its being there.
  const known = new Set(old.stacks.map(({ stack }) => stack))
  const looked = [...new Set(changes.map(({ stack }) => stack))].filter((stack) => known.has(stack))
  const partial = {
    findings: compareFindings(old.findings, now.findings),
    verdicts: compareVerdicts(ownVerdicts(old), ownVerdicts(now)),
    links,
  }
  return {
    base: { name: base.revision.name, commit: base.revision.commit },
    head: { name: head.revision.name, commit: head.revision.commit },
    stacks: pairs(old.stacks, now.stacks).map(({ stack, before, after }) => ({
      stack,
      resources: after && 'graph' in after ? after.graph.resources.length : 0,
      isNew: before === undefined,
      counts: countKinds(changes.filter((change) => change.stack === stack)),
      ...(after && 'error' in after
        ? { error: after.error.message }
        : before && 'error' in before
          ? { error: `In ${base.revision.name} it did not build: ${before.error.message}` }
          : {}),
    })),
    changes,
    ...partial,
    policies: await consequences(old.policies, now, looked, partial.findings, rebuild),
    capacity: compareCapacity(oldRows ?? [], newRows ?? []),
    growth: compareGrowth(oldGrowth ?? [], newGrowth ?? []),
    bill: compareBills(oldBill!, newBill!),
    unpriced: newBill!.unpriced,
    scaling: guarded(() => scalingEffects(old.policies, now.policies, traces), []),
    remarks: [
      ...(base.revision.lock === head.revision.lock
        ? []
        : ['package-lock.json differs between the two: both were built with the packages that are installed here.']),
      ...old.remarks.map((text) => `${base.revision.name}: ${text}`),
      ...now.remarks.map((text) => `${head.revision.name}: ${text}`),
    ],
    violations: violationsOf(partial, now, old),
  }
}
