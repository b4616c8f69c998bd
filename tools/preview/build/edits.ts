import { isDeepStrictEqual } from 'node:util'
import type { Policies } from '../../../policies/bundle.ts'
import type { PolicyEdit } from './built.ts'

type Tree = Record<string, unknown>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

const sameShape = (a: unknown, b: unknown): boolean =>
  isTree(a) &&
  isTree(b) &&
  Array.isArray(a) === Array.isArray(b) &&
  (!Array.isArray(a) || sameList(a, b as unknown as readonly unknown[]))

/** Lists are compared entry by entry where each entry is an object and none came or went; else as one value. */
const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every(isTree) && b.every(isTree)

/** What differs between two sets of policies, as deep as both have something. */
export function editsBetween(before: unknown, after: unknown, keys: readonly string[] = []): PolicyEdit[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!sameShape(before, after)) return [{ keys, before, after }]
  const [a, b] = [before as Tree, after as Tree]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    editsBetween(a[key], b[key], [...keys, key]),
  )
}

/** The policies as they would be had some edits not been made. */
export function without(policies: Policies, edits: readonly PolicyEdit[]): Policies {
  // Not structuredClone: environments share objects, and an edit is of one path alone.
  const copy = JSON.parse(JSON.stringify(policies)) as Tree
  for (const { keys, before } of edits) {
    const last = keys.at(-1)
    const holder = keys.slice(0, -1).reduce<Tree | undefined>((tree, key) => tree?.[key] as Tree | undefined, copy)
    if (last === undefined || !holder) continue
    if (before === undefined) delete holder[last]
    else holder[last] = structuredClone(before)
  }
  return copy as unknown as Policies
}

/** Edits in at most `most` groups: each alone while there are few, else by as many of their first keys as it takes. */
export function grouped(edits: readonly PolicyEdit[], most: number): ReadonlyMap<string, readonly PolicyEdit[]> {
  const longest = Math.max(1, ...edits.map(({ keys }) => keys.length))
  for (let depth = longest; depth > 1; depth--) {
    const groups = Map.groupBy(edits, ({ keys }) => keys.slice(0, depth).join('.'))
    if (groups.size <= most) return groups
  }
  return Map.groupBy(edits, ({ keys }) => keys[0] ?? '')
}
