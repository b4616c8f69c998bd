import type { Path, Shape } from './mapping.ts'

/** An event as JSON gives it. */
export type SigmaEvent = Readonly<Record<string, unknown>>

/** Reads one field of an event; undefined when it is missing. */
export type FieldReader = (event: SigmaEvent) => unknown

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first shape of the mapping that an event has; its number. */
export function shapeOf(shapes: readonly Shape[], event: SigmaEvent): number {
  for (let i = 0; i < shapes.length; i++) if (isObject(at(event, shapes[i]!.at, 0))) return i
  return -1
}

/**
 * A reader of a field in events of one shape: its aliases first, then each container, by the whole name and, where the name has dots, by
 * the maps that it names, through arrays. The text of an XML element with attributes (`#text`) is taken for the element.
 */
export function fieldReader(shape: Shape, name: string): FieldReader {
  const aliases = Object.hasOwn(shape.aliases, name) ? shape.aliases[name]! : []
  const paths: Path[] = [
    ...aliases,
    ...(aliases.length > 0 ? [] : shape.containers.map((container) => [...container, name])),
  ]
  const dotted = name.includes('.') ? name.split('.') : undefined
  const readers = paths.map(pathReader)
  const nested = dotted === undefined ? [] : shape.containers.map((container) => pathReader([...container, ...dotted]))
  const all = [...readers, ...nested]
  const [first, ...others] = all
  if (first === undefined) return () => undefined
  if (others.length === 0) return (event) => unwrapped(first(event))
  return (event) => {
    let value = first(event)
    for (let i = 0; i < others.length && value === undefined; i++) value = others[i]!(event)
    return unwrapped(value)
  }
}

const unwrapped = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && '#text' in value ? value['#text'] : value

function pathReader(path: Path): FieldReader {
  const [name] = path
  // A name that every object inherits would read the prototype's.
  if (path.length === 1 && name !== undefined && !(name in Object.prototype)) return (event) => event[name]
  return (event) => at(event, path, 0)
}

/** What stands at a path: through arrays to the list of what their members have there, through `*` to the first map that has it. */
function at(value: unknown, path: Path, from: number): unknown {
  let current = value
  for (let i = from; i < path.length; i++) {
    if (Array.isArray(current)) {
      const found = current.slice(0, 1_000).flatMap((member) => at(member, path, i) ?? [])
      return found.length > 0 ? found : undefined
    }
    if (!isObject(current)) return undefined
    const step = path[i]!
    if (step === '*') {
      for (const name in current) {
        const found = at(current[name], path, i + 1)
        if (found !== undefined) return found
      }
      return undefined
    }
    current = Object.hasOwn(current, step) ? current[step] : undefined
  }
  return current
}
