import type { Policies } from '../../../policies/bundle.ts'
import {
  type Built,
  type BuiltStack,
  type BuiltVariant,
  graphOf,
  type JudgedFinding,
  type PolicyEdit,
  type Variant,
} from '../build/built.ts'
import { editsBetween, grouped } from '../build/edits.ts'
import type { SaidChange } from '../findings/compare.ts'
import { compareStacks, type ResourceChange } from './resources.ts'

/** Policy edits that were looked at together, and what follows from them alone. */
export interface PolicyConsequence {
  /** 'scaling.ml_inference.actions.max_replicas'; of a group, the keys that all share. */
  readonly path: string
  readonly edits: readonly PolicyEdit[]
  /** Entries of the graphs that would be other ones without these edits. */
  readonly follows: readonly { readonly stack: string; readonly urn: string }[]
  /** New findings that there would not be without these edits. */
  readonly findings: readonly JudgedFinding[]
  /** Why that could not be found out. */
  readonly unknown?: string
}

/** How many groups of edits are looked at one by one; each costs as much as building the changed stacks again. */
const mostGroups = 16

/**
 * What follows from each policy edit: the head is built again without it, and what then differs is its doing. What follows only from
 * several together, or from a change of the programs, follows from none. Only `stacks` are looked at.
 */
export async function consequences(
  before: Policies,
  head: Built,
  stacks: readonly string[],
  findings: SaidChange<JudgedFinding>,
  rebuild: (variant: Variant) => Promise<BuiltVariant>,
): Promise<PolicyConsequence[]> {
  const fresh = findings.now.filter(({ isNew }) => isNew).map(({ said }) => said)
  const look = async (path: string, edits: readonly PolicyEdit[]): Promise<PolicyConsequence> => {
    try {
      const other = await rebuild({ without: edits, stacks })
      const broken = other.stacks.find((stack) => 'error' in stack)
      const still = new Set(other.findings.map(({ message }) => message))
      return {
        path,
        edits,
        follows: stacks.flatMap((stack) => differing(stack, other.stacks, head.stacks)),
        findings: fresh.filter(({ message }) => !still.has(message)),
        ...(broken && 'error' in broken ? { unknown: broken.error.message } : {}),
      }
    } catch (error) {
      const { message, cause } = error as Error
      return { path, edits, follows: [], findings: [], unknown: typeof cause === 'string' ? cause : message }
    }
  }
  return Promise.all(
    [...grouped(editsBetween(before, head.policies), mostGroups)].map(([path, edits]) => look(path, edits)),
  )
}

function differing(stack: string, other: readonly BuiltStack[], head: readonly BuiltStack[]) {
  const [was, is] = [other, head].map((all) => all.find((candidate) => candidate.stack === stack))
  // A stack that does not build on one side says nothing about single entries.
  if ((was && 'error' in was) || (is && 'error' in is)) return []
  return compareStacks(stack, was && graphOf(was), is && graphOf(is)).map(({ urn }) => ({ stack, urn }))
}

/** How many changes follow from no single edit of a policy: from the programs, or from several edits together. */
export function fromPrograms(changes: readonly ResourceChange[], policies: readonly PolicyConsequence[]): number {
  const known = new Set(policies.flatMap(({ follows }) => follows.map(({ stack, urn }) => `${stack} ${urn}`)))
  return changes.filter(({ stack, urn }) => !known.has(`${stack} ${urn}`)).length
}
