import type { Kind } from './kind.ts'
import { at, isObject, type Json, type JsonObject, type Path } from './wire.ts'

/** The properties that are secret whatever the program says. */
export const ownSecrets = ({ apiVersion, kind }: Kind): Path[] =>
  apiVersion === 'v1' && kind === 'Secret' ? [['data'], ['stringData']] : []

/**
 * Where an object has values that its inputs called secret: the same path if it holds the same value, otherwise the
 * nearest list or object above it that both have (the server may have reordered or merged it).
 */
export function secretPaths(kind: Kind, inputs: JsonObject, secrets: readonly Path[], object: JsonObject): Path[] {
  const carried = secrets.map((path) => {
    if (JSON.stringify(at(inputs, path)) === JSON.stringify(at(object, path))) return path
    for (let length = path.length; length > 0; length--)
      if (at(object, path.slice(0, length)) !== undefined) return path.slice(0, length)
    return path
  })
  return [...ownSecrets(kind), ...carried]
}

/** Takes secret texts, plain and in base64, out of a message (an API server quotes the values that it refuses). */
export function redact(message: string, kind: Kind, inputs: JsonObject, secrets: readonly Path[]): string {
  const texts = new Set<string>()
  const collect = (value: Json | undefined): void => {
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value)
      if (text.length < 3) return
      texts.add(text).add(Buffer.from(text).toString('base64'))
      const decoded = Buffer.from(text, 'base64').toString('utf8')
      if (decoded.length >= 3 && !decoded.includes('\ufffd')) texts.add(decoded)
    } else if (Array.isArray(value)) value.forEach(collect)
    else if (isObject(value)) Object.values(value).forEach(collect)
  }
  for (const path of [...ownSecrets(kind), ...secrets]) collect(at(inputs, path))
  let clean = message
  // Longest first: a short secret inside a long one must not leave the rest of the long one standing.
  for (const text of [...texts].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(text, '[secret]')
  return clean
}
