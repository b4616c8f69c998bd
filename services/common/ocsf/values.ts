import type { Source } from './event.ts'

/** Longer texts are cut: these are for grouping and filtering, and the event itself is kept whole. UTF-16 units. */
const mostText = 256

const isObject = (value: unknown): value is Source => typeof value === 'object' && value !== null

/** An object's member as an object; an empty one where it is none. */
const nothing: Source = {}
export const objectAt = (from: Source, name: string): Source => {
  const value = from[name]
  return isObject(value) ? value : nothing
}

/** A value by a path of names with dots: the member of that very name (flattened senders), else from object to object. */
export function at(from: Source, path: string): unknown {
  const whole = from[path]
  if (whole !== undefined) return whole
  let dot = path.indexOf('.')
  if (dot < 0) return undefined
  let value: unknown = from
  let start = 0
  while (true) {
    if (!isObject(value)) return undefined
    if (dot < 0) return value[path.slice(start)]
    value = value[path.slice(start, dot)]
    start = dot + 1
    dot = path.indexOf('.', start)
  }
}

/** The SID that stands for nobody. */
const nobody = 'S-1-0-0'

/** A text that says something: '-' and 'N/A' stand for nothing in most logs. The first of a list. */
export function asText(value: unknown): string {
  if (typeof value === 'string') {
    if (value.length > mostText) return value.slice(0, mostText)
    return value === '-' || value === 'N/A' || value === 'null' || value === nobody ? '' : value
  }
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  return Array.isArray(value) && value.length > 0 && !Array.isArray(value[0]) ? asText(value[0]) : ''
}

/** A port, 0 where it is none. */
export function asPort(value: unknown): number {
  const port = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
}

const mapped = '::ffff:'
const v4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/
const v6 = /^(?=.*:.*:)[0-9a-f:.]{2,45}(?:%[\w.-]{1,32})?$/i

/** An address of IPv4 or IPv6 as a text, without the mapping of one into the other, brackets and zone; '' where it is none. */
export function asAddress(value: unknown): string {
  if (typeof value !== 'string' || value.length < 2 || value.length > 80) return ''
  let text = value.charCodeAt(0) === 91 && value.endsWith(']') ? value.slice(1, -1) : value
  if (text.toLowerCase().startsWith(mapped) && v4.test(text.slice(mapped.length))) text = text.slice(mapped.length)
  if (v4.test(text)) return text
  if (!v6.test(text)) return ''
  const zone = text.indexOf('%')
  return zone < 0 ? text : text.slice(0, zone)
}

/** The name of `DOMAIN\name` and `name@domain` stays whole only in the latter form: it may be an address. */
export function asUser(value: unknown): string {
  const text = asText(value)
  const slash = text.lastIndexOf('\\')
  return slash < 0 ? text : text.slice(slash + 1)
}

type Names = readonly string[]

/** What `read` makes of the first of these members that it can make anything of. */
function first<T extends string | number>(from: Source, names: Names, none: T, read: (value: unknown) => T): T {
  for (const name of names) {
    const value = from[name]
    if (value === undefined) continue
    const found = read(value)
    if (found !== none) return found
  }
  return none
}

export const textOf = (from: Source, names: Names): string => first(from, names, '', asText)
export const userOf = (from: Source, names: Names): string => first(from, names, '', asUser)
export const addressOf = (from: Source, names: Names): string => first(from, names, '', asAddress)
export const portOf = (from: Source, names: Names): number => first(from, names, 0, asPort)

/** As above, by paths. */
function firstAt<T extends string | number>(from: Source, paths: Names, none: T, read: (value: unknown) => T): T {
  for (const path of paths) {
    const value = at(from, path)
    if (value === undefined) continue
    const found = read(value)
    if (found !== none) return found
  }
  return none
}

export const textAt = (from: Source, paths: Names): string => firstAt(from, paths, '', asText)
export const userAt = (from: Source, paths: Names): string => firstAt(from, paths, '', asUser)
export const addressAt = (from: Source, paths: Names): string => firstAt(from, paths, '', asAddress)
export const portAt = (from: Source, paths: Names): number => firstAt(from, paths, 0, asPort)
