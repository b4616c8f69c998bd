import type { GraphResource } from '../../../infra/graph/graph.ts'
import { type Kind, kindOf } from '../../engine/pulumi/kubernetes/kind.ts'
import { replacing } from '../../engine/pulumi/kubernetes/replacement.ts'
import { parse } from '../../engine/pulumi/kubernetes/wire.ts'
import type { PropertyChange } from '../compare/difference.ts'
import { dataKinds, type Force, known } from './table.ts'

/** What a change of inputs does to what stands there. */
export interface Consequence {
  readonly kind: 'update' | 'may-replace' | 'replace'
  readonly because: readonly string[]
}

function kubernetes(type: string): Kind | undefined {
  if (!type.startsWith('kubernetes:')) return undefined
  try {
    return kindOf(type)
  } catch {
    return undefined
  }
}

const groupKind = ({ apiVersion, kind }: Kind): string =>
  `${apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''}/${kind}`

/** Whether a type keeps what nobody else has. */
export function isData(type: string): boolean {
  const kind = kubernetes(type)
  return kind ? Object.hasOwn(dataKinds, groupKind(kind)) : (known[type]?.data ?? false)
}

/** Inputs of a type of the cloud that only another resource can have. */
export const forcesOf = (type: string): readonly string[] =>
  (known[type]?.forces ?? []).flatMap((force) => (typeof force === 'string' ? force : []))

const anyEntry = (path: string): string => path.replaceAll(/\[\d+\]/g, '[*]')

/** Whether a changed path lies in a forcing one, or holds it. */
function touches(changed: string, force: string): boolean {
  const [a, b] = [anyEntry(changed), anyEntry(force)]
  const inside = (path: string, start: string): boolean =>
    path === start || path.startsWith(`${start}.`) || path.startsWith(`${start}[`)
  return inside(a, b) || inside(b, a)
}

/** '3.9.x' is lower than '4.0.x.kraft'. */
const lower = (after: unknown, before: unknown): boolean =>
  String(after).localeCompare(String(before), 'en', { numeric: true }) < 0

/** Whether a change needs another resource. */
function forced(change: PropertyChange, force: Force): boolean {
  if (typeof force === 'string') return touches(change.path, force)
  if (force.when === 'removed') return change.path === force.path && change.after === undefined
  return change.path === force.path && lower(change.after, change.before)
}

const none: Consequence = { kind: 'update', because: [] }

function ofKubernetes(kind: Kind, changes: readonly PropertyChange[]): Consequence {
  const own = changes.map((change) => ({ path: parse(change.path), kind: 'update' as const, change }))
  const fixed = new Set<unknown>(replacing(kind, own))
  const operators = dataKinds[groupKind(kind)] ?? []
  return replacedBy(
    own
      .filter((one) => fixed.has(one) || operators.some((force) => forced(one.change, force)))
      .map(({ change }) => change),
  )
}

const replacedBy = (changes: readonly PropertyChange[]): Consequence =>
  changes.length > 0 ? { kind: 'replace', because: changes.map(({ path }) => path) } : none

/** What a change of these properties does, as far as the tables know. Options of the program change nothing that stands. */
export function consequenceOf({ type, custom }: GraphResource, changes: readonly PropertyChange[]): Consequence {
  const inputs = changes.filter(({ path }) => !path.startsWith('('))
  if (!custom || inputs.length === 0) return none
  const own = kubernetes(type)
  if (own) return ofKubernetes(own, inputs)
  const forces = [...(known[type]?.forces ?? []), ...(type.startsWith('aws:') ? ['region'] : [])]
  const replaced = replacedBy(inputs.filter((change) => forces.some((force) => forced(change, force))))
  if (replaced.kind === 'replace' || known[type]) return replaced
  return inputs.every(({ path }) => touches(path, 'tags')) ? none : { kind: 'may-replace', because: [] }
}
