/** How field values become group keys, distinct values and numbers. */

export type GroupValue = string | number | boolean

/** A group-by field's value; undefined where the event has none. Objects and arrays count as their JSON text. */
export function groupValue(value: unknown): GroupValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value === null || value === undefined) return undefined
  return JSON.stringify(value)
}

/** Two values with one key are the same value: Sigma compares without case, and 5 is "5". */
export const valueKey = (value: GroupValue): string => (typeof value === 'string' ? value.toLowerCase() : String(value))

const separator = '\u0000'
const escaped = (key: string): string =>
  key.includes(separator) || key.includes('\u0001')
    ? key.replaceAll('\u0001', '\u0001\u0001').replaceAll(separator, '\u0001\u0002')
    : key

/** One text for several values; different lists never share one. */
export const joinedKey = (keys: readonly string[]): string =>
  keys.length === 1 ? (keys[0] as string) : keys.map(escaped).join(separator)

const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The number of a JSON number or of a text that is one ("12.5", not "0x1a" or ""); undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && decimal.test(value.trim())
        ? Number(value)
        : Number.NaN
  return Number.isFinite(number) && Math.abs(number) < 1e300 ? number : undefined
}
