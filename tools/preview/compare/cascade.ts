import type { GraphResource, StackGraph } from '../../../infra/graph/graph.ts'
import { forcesOf, isData } from '../replacement/judge.ts'
import type { ResourceChange } from './resources.ts'

/** Whether a value holds what the model of the cloud answers for a resource: its id, or an ARN that ends with its name. */
function names(value: unknown, name: string): boolean {
  if (typeof value === 'string')
    return value === `${name}-id` || (value.startsWith('arn:') && value.endsWith(`:${name}`))
  return typeof value === 'object' && value !== null && Object.values(value).some((inner) => names(inner, name))
}

const at = (inputs: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], inputs)

/** Whether a resource must be made anew when another one is: a property that forces it refers to that one. */
const follows = (resource: GraphResource, gone: GraphResource): boolean =>
  resource.dependencies.includes(gone.urn) &&
  forcesOf(resource.type).some((path) => names(at(resource.inputs, path), gone.name))

/**
 * What goes with the resources of a stack that are replaced: the data that is made anew because what it stands on is, though its own
 * entry is the same. By the URN of the first cause.
 */
export function cascades(
  graph: StackGraph,
  changes: readonly ResourceChange[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { urn, kind } of changes) {
    const first = graph.resources.find((resource) => resource.urn === urn)
    if (kind !== 'replaced' || !first) continue
    const taken = new Set<GraphResource>([first])
    // A set that grows while it is walked: what follows from what follows.
    for (const gone of taken) for (const other of graph.resources) if (follows(other, gone)) taken.add(other)
    taken.delete(first)
    const own = [...taken].filter(({ type }) => isData(type)).map(({ name }) => name)
    if (own.length > 0) found.set(urn, own)
  }
  return found
}
