import type { GraphResource, StackGraph } from '../../infra/graph/graph.ts'

type Path = readonly (string | number)[]

/** One mistake that somebody could make in a program of ours, by which a rule must be broken. */
export interface Mutation {
  /** Name of a guardrail. */
  readonly rule: string
  /** What was done. */
  readonly mistake: string
  /** Answers the changed stack, or undefined when it has nothing that could be changed so. */
  readonly change: (graph: StackGraph) => StackGraph | undefined
}

export type Pick = (resource: GraphResource) => boolean

export const ofType =
  (type: string, name?: RegExp): Pick =>
  (resource) =>
    resource.type === type && (name?.test(resource.name) ?? true)

/** An object of Kubernetes of a kind whose name in Pulumi matches. */
export const ofKind =
  (kind: string, name?: RegExp): Pick =>
  (resource) =>
    resource.type.startsWith('kubernetes:') && resource.type.endsWith(`:${kind}`) && (name?.test(resource.name) ?? true)

/** Changes the first resource that is picked. */
const changeFirst =
  (pick: Pick, change: (resource: GraphResource) => readonly GraphResource[]) =>
  (graph: StackGraph): StackGraph | undefined => {
    const at = graph.resources.findIndex(pick)
    const found = graph.resources[at]
    return found && { ...graph, resources: graph.resources.toSpliced(at, 1, ...change(found)) }
  }

function put(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  const inner = rest.length === 0 ? to : put(copy[key] ?? {}, rest, to)
  if (inner === undefined) delete copy[key]
  else copy[key] = inner
  return copy
}

/** Another value at a path of the inputs; undefined takes it away. */
export const set = (pick: Pick, path: Path, to: unknown) =>
  changeFirst(pick, (resource) => [{ ...resource, inputs: put(resource.inputs, path, to) as GraphResource['inputs'] }])

/** Another value that is made of the old one. */
export const edit = (pick: Pick, path: Path, of: (value: unknown) => unknown) =>
  changeFirst(pick, (resource) => {
    const old = path.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown>)?.[key],
      resource.inputs,
    )
    return [{ ...resource, inputs: put(resource.inputs, path, of(old)) as GraphResource['inputs'] }]
  })

/** Another option of the resource. */
export const option = (pick: Pick, to: Partial<GraphResource>) =>
  changeFirst(pick, (resource) => [{ ...resource, ...to }])

/** The resource is forgotten. */
export const without = (pick: Pick) => changeFirst(pick, () => [])

/** The resource is made twice, the second time with another name and type, and other inputs. */
export const again = (pick: Pick, type: string, of: (inputs: GraphResource['inputs']) => GraphResource['inputs']) =>
  changeFirst(pick, (resource) => [
    resource,
    {
      ...resource,
      type,
      name: `${resource.name}-again`,
      urn: `${resource.urn}-again`,
      inputs: of(resource.inputs),
    },
  ])
