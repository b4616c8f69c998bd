import type { GraphResource, StackGraph } from '../../../infra/graph/graph.ts'
import { type Consequence, consequenceOf, isData } from '../replacement/judge.ts'
import { cascades } from './cascade.ts'
import { difference, type PropertyChange } from './difference.ts'

export type ChangeKind = 'added' | 'changed' | 'may-replace' | 'replaced' | 'deleted'

/** What becomes of one entry of a stack's graph. */
export interface ResourceChange {
  readonly stack: string
  readonly urn: string
  readonly type: string
  readonly name: string
  readonly kind: ChangeKind
  /** Of a component: it groups others and is nothing itself. */
  readonly component: boolean
  /** It keeps what nobody else has: replacing or deleting it loses that. */
  readonly data: boolean
  readonly protect: boolean
  /** Of an entry that was and stays. Options stand as '(protect)'. */
  readonly properties: readonly PropertyChange[]
  /** Why it is replaced, or may be. */
  readonly because: readonly string[]
  /** Names of data that goes with it, because it stands on it. */
  readonly carries: readonly string[]
}

const options = ['parent', 'dependencies', 'protect', 'retainOnDelete', 'ignoreChanges'] as const

const properties = (before: GraphResource, after: GraphResource): PropertyChange[] => [
  ...difference(before.inputs, after.inputs),
  ...options.flatMap((key) => difference(before[key], after[key], `(${key})`)),
]

const kinds: Readonly<Record<Consequence['kind'], ChangeKind>> = {
  update: 'changed',
  'may-replace': 'may-replace',
  replace: 'replaced',
}

const about = (stack: string, { urn, type, name, custom, protect }: GraphResource) => ({
  stack,
  urn,
  type,
  name,
  component: !custom,
  data: isData(type),
  protect,
  carries: [],
})

/** What becomes of a stack: every entry that is not the same on both sides, and no other. In the order of their names. */
export function compareStacks(stack: string, before?: StackGraph, after?: StackGraph): ResourceChange[] {
  const old = new Map(before?.resources.map((resource) => [resource.urn, resource]))
  const now = new Map(after?.resources.map((resource) => [resource.urn, resource]))
  const gone = [...old.values()].filter(({ urn }) => !now.has(urn))
  const changes: ResourceChange[] = gone.map((resource) => ({
    ...about(stack, resource),
    kind: 'deleted',
    properties: [],
    because: [],
  }))
  for (const resource of now.values()) {
    const was = old.get(resource.urn)
    if (!was) {
      changes.push({ ...about(stack, resource), kind: 'added', properties: [], because: [] })
      continue
    }
    const changed = properties(was, resource)
    if (changed.length === 0) continue
    const { kind, because } = consequenceOf(resource, changed)
    changes.push({ ...about(stack, resource), kind: kinds[kind], properties: changed, because })
  }
  const carried = after ? cascades(after, changes) : new Map()
  return changes
    .map((change) => ({ ...change, carries: carried.get(change.urn) ?? [] }))
    .sort((a, b) => (a.urn < b.urn ? -1 : 1))
}
