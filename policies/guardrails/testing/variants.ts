import { type GuardedResource, unknown } from '../model/resource.ts'

export interface Variant {
  readonly variant: readonly GuardedResource[]
  /** What is another: 'bucket cold: tags.Region'. */
  readonly path: string
}

type Path = readonly (string | number)[]

/** Every place in a value, from the outside in. */
function places(value: unknown, path: Path = []): readonly Path[] {
  if (value === null || typeof value !== 'object') return path.length > 0 ? [path] : []
  const inner = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value)
  return [...(path.length > 0 ? [path] : []), ...inner.flatMap(([key, item]) => places(item, [...path, key]))]
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  copy[key] = replaced(copy[key], rest, by)
  return copy
}

const isLeaf = (props: unknown, path: Path): boolean => {
  const value = path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], props)
  return value !== undefined && (value === null || typeof value !== 'object')
}

const variants = (resources: readonly GuardedResource[], by: unknown, leaves: boolean): readonly Variant[] =>
  resources.flatMap((resource, at) =>
    places(resource.props)
      .filter((path) => !leaves || isLeaf(resource.props, path))
      .map((path) => ({
        path: `${resource.name}: ${path.join('.')}`,
        variant: resources.with(at, {
          ...resource,
          props: replaced(resource.props, path, by) as GuardedResource['props'],
        }),
      })),
  )

/** What the names of objects and what they belong to are made of is known before anything is made. */
const named = /: (apiVersion|kind|metadata(\.(name|namespace|labels.*))?)$/

/** The resources with one text, number or flag at a time that is not known yet; programs know what their lists and objects are of. */
export const unknowns = (resources: readonly GuardedResource[]): readonly Variant[] =>
  variants(resources, unknown, true).filter(({ path }) => !named.test(path))

/** The resources with one value at a time that is of another kind than it should be. */
export const strange = (resources: readonly GuardedResource[]): readonly Variant[] =>
  [null, 7, 'text', [], {}, [null], true].flatMap((by) => variants(resources, by, false))
