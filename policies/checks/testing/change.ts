import { type Policies, policies } from '../../bundle.ts'

type Tree = Record<string, unknown>

/** New values by path; undefined takes a value away. A path may lead where nothing is yet. */
export type Changes = Readonly<Record<string, unknown>>

/** The object that holds a path's last key, and that key. A key may hold dots ('topics.events.raw.retention'): the longest that exists wins. */
function resolve(root: Tree, path: string): readonly [holder: Tree, key: string] {
  const parts = path.split('.')
  let holder = root
  while (parts.length > 1) {
    const length = parts.findLastIndex((_, i) => Object.hasOwn(holder, parts.slice(0, i + 1).join('.'))) + 1
    const key = parts.splice(0, Math.max(1, length)).join('.')
    if (parts.length === 0) return [holder, key]
    const inner = holder[key]
    if (typeof inner !== 'object' || inner === null) throw new RangeError(`There is nothing at '${key}' of '${path}'.`)
    holder = inner as Tree
  }
  return [holder, parts[0] as string]
}

/** A copy of the policies with other values. */
export function changed(changes: Changes, of: Policies = policies): Policies {
  // Not structuredClone: environments share objects, and a change must reach one path alone.
  const copy = JSON.parse(JSON.stringify(of)) as Tree
  for (const [path, value] of Object.entries(changes)) {
    const [holder, key] = resolve(copy, path)
    if (value !== undefined) holder[key] = structuredClone(value)
    else delete holder[key]
  }
  return copy as unknown as Policies
}
