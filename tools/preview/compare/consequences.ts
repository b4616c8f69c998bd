import type { Policies } from '../../../policies/bundle.ts'
import { type BuiltStack, graphOf, type PolicyEdit, type Variant } from '../build/built.ts'
import { editsBetween, grouped } from '../build/edits.ts'
import type { ResourceChange } from './resources.ts'
import { compareStacks } from './resources.ts'

/** Policy edits that were looked at together, and what follows from them alone. */
export interface PolicyConsequence {
  /** 'scaling.ml_inference.actions.max_replicas'; of a group, the keys that all share. */
  readonly path: string
  readonly edits: readonly PolicyEdit[]
  /** Entries of the graphs that would be other ones without these edits. */
  readonly follows: readonly { readonly stack: string; readonly urn: string }[]
  /** Why that could not be found out. */
  readonly unknown?: string
}

/** How many groups of edits are looked at one by one; each costs as much as building the changed stacks again. */
export const mostGroups = 16

/** What follows from each policy edit: the head is built again without it, and what then differs is its doing. */
export async function consequences(
  before: Policies,
  after: Policies,
  head: readonly BuiltStack[],
  changes: readonly ResourceChange[],
  rebuild: (variant: Variant) => Promise<readonly BuiltStack[]>,
): Promise<PolicyConsequence[]> {
  const stacks = [...new Set(changes.map(({ stack }) => stack))]
  const found: PolicyConsequence[] = []
  for (const [path, edits] of grouped(editsBetween(before, after), mostGroups)) {
    if (stacks.length === 0) {
      found.push({ path, edits, follows: [] })
      continue
    }
    try {
      const other = await rebuild({ without: edits, stacks })
      const broken = other.find((stack) => 'error' in stack)
      const follows = stacks.flatMap((stack) => compareNamed(stack, other, head))
      found.push({ path, edits, follows, ...(broken && 'error' in broken ? { unknown: broken.error.message } : {}) })
    } catch (error) {
      found.push({ path, edits, follows: [], unknown: (error as Error).message })
    }
  }
  return found
}

function compareNamed(stack: string, other: readonly BuiltStack[], head: readonly BuiltStack[]) {
  const [was, is] = [other, head].map((all) => all.find((candidate) => candidate.stack === stack))
  // A stack that does not build on one side says nothing about single entries.
  if ((was && 'error' in was) || (is && 'error' in is)) return []
  return compareStacks(stack, was && graphOf(was), is && graphOf(is)).map(({ urn }) => ({ stack, urn }))
}
