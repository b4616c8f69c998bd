import type { Mapping } from './mapping.ts'

const attributes = ['category', 'product', 'service']

/** Kinds of events that requirements may tell apart: they are numbered. */
const mostKinds = Number.MAX_SAFE_INTEGER

/**
 * A mapping that someone gives as JSON (or YAML, read), with everything that is wrong with it found at once.
 * @throws Error whose message lists what is wrong, each with its path.
 */
export function parseMapping(value: unknown): Mapping {
  const wrong: string[] = []
  const check = new Check(wrong)
  if (check.map(value, 'mapping', ['name', 'shapes', 'sources', 'unknown'], ['declared'])) {
    check.text(value.name, 'name')
    check.list(value.shapes, 'shapes', (shape, path) => {
      if (!check.map(shape, path, ['name', 'at', 'containers', 'aliases'])) return
      check.text(shape.name, `${path}.name`)
      check.path(shape.at, `${path}.at`)
      check.list(shape.containers, `${path}.containers`, (container, at) => check.path(container, at))
      check.entries(shape.aliases, `${path}.aliases`, (paths, at) =>
        check.list(paths, at, (one, place) => check.path(one, place)),
      )
    })
    check.list(value.sources, 'sources', (source, path) => {
      if (!check.map(source, path, ['logsource', 'events'])) return
      check.logsource(source.logsource, `${path}.logsource`)
      check.list(source.events, `${path}.events`, (event, at) => {
        if (!check.map(event, at, ['when'], ['fields'])) return
        check.entries(event.when, `${at}.when`, (values, place) =>
          check.list(values, place, (one, here) => {
            if (typeof one !== 'string' && typeof one !== 'number') wrong.push(`${here} should be a text or a number.`)
          }),
        )
        if (event.fields !== undefined)
          check.entries(event.fields, `${at}.fields`, (names, place) =>
            check.list(names, place, (one, here) => check.text(one, here)),
          )
      })
    })
    if (value.declared !== undefined) check.logsource(value.declared, 'declared')
    if (value.unknown !== 'none' && value.unknown !== 'any') wrong.push("unknown should be 'none' or 'any'.")
    else if (value.unknown === 'any' && value.declared !== undefined)
      wrong.push("declared says nothing where unknown is 'any': leave one out.")
  }
  if (wrong.length === 0 && kinds(value as Mapping) > mostKinds)
    wrong.push('sources name too many fields with too many values to tell events apart.')
  if (wrong.length > 0) throw new Error(`The mapping cannot be used:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  return value as Mapping
}

/** How many kinds of events the requirements tell apart at most. */
function kinds(mapping: Mapping): number {
  const values = new Map<string, Set<string>>()
  for (const { events } of mapping.sources)
    for (const { when } of events)
      for (const [field, wanted] of Object.entries(when))
        values.set(field, new Set([...(values.get(field) ?? []), ...wanted.map(String)]))
  return [...values.values()].reduce((product, { size }) => product * (size + 2), mapping.shapes.length)
}

type Json = Readonly<Record<string, unknown>>

/** Looks at parts of a mapping and notes what is wrong. */
class Check {
  readonly #wrong: string[]

  constructor(wrong: string[]) {
    this.#wrong = wrong
  }

  map(value: unknown, path: string, needed: readonly string[], allowed: readonly string[] = []): value is Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#wrong.push(`${path} should be a map.`)
      return false
    }
    const keys = Object.keys(value)
    for (const key of needed) if (!keys.includes(key)) this.#wrong.push(`${path} needs '${key}'.`)
    for (const key of keys)
      if (!needed.includes(key) && !allowed.includes(key)) this.#wrong.push(`${path} has '${key}', which is not known.`)
    return needed.every((key) => keys.includes(key))
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value === '') this.#wrong.push(`${path} should be a text.`)
  }

  list(value: unknown, path: string, each: (member: unknown, path: string) => void): void {
    if (!Array.isArray(value)) this.#wrong.push(`${path} should be a list.`)
    else for (const [at, member] of value.entries()) each(member, `${path}[${at}]`)
  }

  entries(value: unknown, path: string, each: (member: unknown, path: string) => void): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.#wrong.push(`${path} should be a map.`)
    else for (const [key, member] of Object.entries(value)) each(member, `${path}.${key}`)
  }

  path(value: unknown, path: string): void {
    this.list(value, path, (step, at) => this.text(step, at))
  }

  logsource(value: unknown, path: string): void {
    if (!this.map(value, path, [], attributes)) return
    for (const [key, name] of Object.entries(value)) this.text(name, `${path}.${key}`)
  }
}
