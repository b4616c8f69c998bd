import { isDeepStrictEqual } from 'node:util'

/** One property that is not what it was. `undefined` (absent in JSON): there is none on that side. */
export interface PropertyChange {
  /** 'spec.template.spec.containers[0].image' */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

const join = (path: string, key: string, list: boolean): string =>
  list ? `${path}[${key}]` : /^[\w-]+$/.test(key) ? (path ? `${path}.${key}` : key) : `${path}["${key}"]`

/** Every property that differs, as deep as both sides have something. Of lists of plain values, those that came and went. */
export function difference(before: unknown, after: unknown, path = ''): PropertyChange[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }]
  if (Array.isArray(before) && Array.isArray(after)) {
    const moved = membersThatDiffer(before, after, path)
    if (moved.length > 0) return moved
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    difference(before[key], after[key], join(path, key, Array.isArray(before))),
  )
}

/** What is only in one of two lists of plain values, each at its own place. Empty where a list holds more than those, or only the order differs. */
function membersThatDiffer(before: readonly unknown[], after: readonly unknown[], path: string): PropertyChange[] {
  if ([...before, ...after].some(isTree) || before.length === after.length) return []
  const only = (list: readonly unknown[], other: readonly unknown[], side: 'before' | 'after'): PropertyChange[] =>
    list.flatMap((value, i) => (other.includes(value) ? [] : { path: `${path}[${i}]`, [side]: value }))
  return [...only(before, after, 'before'), ...only(after, before, 'after')]
}
