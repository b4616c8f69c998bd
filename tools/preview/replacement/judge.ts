import type { GraphResource } from '../../../infra/graph/graph.ts'
import { type Kind, kindOf } from '../../engine/pulumi/kubernetes/kind.ts'
import { replacing } from '../../engine/pulumi/kubernetes/replacement.ts'
import { parse } from '../../engine/pulumi/kubernetes/wire.ts'
import type { PropertyChange } from '../compare/difference.ts'
import { dataKinds, known } from './table.ts'

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
export const forcesOf = (type: string): readonly string[] => known[type]?.forces ?? []

const anyEntry = (path: string): string => path.replaceAll(/\[\d+\]/g, '[*]')

/** Whether a changed path lies in a forcing one, or holds it. */
function forced(changed: string, force: string): boolean {
  const [a, b] = [anyEntry(changed), anyEntry(force)]
  const inside = (path: string, start: string): boolean =>
    path === start || path.startsWith(`${start}.`) || path.startsWith(`${start}[`)
  return inside(a, b) || inside(b, a)
}

const none: Consequence = { kind: 'update', because: [] }

function ofKubernetes(kind: Kind, changes: readonly PropertyChange[]): Consequence {
  const asChanges = changes.map(({ path }) => ({ path: parse(path), kind: 'update' as const, at: path }))
  const fixed = new Set<unknown>(replacing(kind, asChanges))
  const operators = dataKinds[groupKind(kind)] ?? []
  const because = asChanges
    .filter((change) => fixed.has(change) || operators.some((force) => forced(change.at, force)))
    .map(({ at }) => at)
  return because.length > 0 ? { kind: 'replace', because } : none
}

/** What a change of these properties does, as far as the tables know. Options of the program change nothing that stands. */
export function consequenceOf(
  before: GraphResource,
  after: GraphResource,
  changes: readonly PropertyChange[],
): Consequence {
  const inputs = changes.filter(({ path }) => !path.startsWith('('))
  if (!after.custom || inputs.length === 0) return none
  const own = kubernetes(after.type)
  if (own) return ofKubernetes(own, inputs)
  const table = known[before.type]
  if (!table)
    return inputs.every(({ path }) => path === 'tags' || path.startsWith('tags'))
      ? none
      : { kind: 'may-replace', because: [] }
  const because = inputs.map(({ path }) => path).filter((path) => table.forces.some((force) => forced(path, force)))
  return because.length > 0 ? { kind: 'replace', because } : none
}
