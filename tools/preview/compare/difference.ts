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

/** Every property that differs, as deep as both sides have something. */
export function difference(before: unknown, after: unknown, path = ''): PropertyChange[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    difference(before[key], after[key], join(path, key, Array.isArray(before))),
  )
}
