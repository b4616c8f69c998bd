/** A value nests no deeper: what is deeper is refused, so that nobody's nesting ends a process. */
export const maxDepth = 32

/** A log record that cannot be read; the message names fields, never content. */
export class OtlpError extends Error {
  readonly code = 'MALFORMED_RECORD'
}

/** Names that a sender chose: no prototype. */
export type Attributes = Record<string, unknown>
export const attributes = (): Attributes => Object.create(null) as Attributes

/** Whole numbers that JSON's readers would round stay texts. */
export function wholeNumber(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** JSON has no word for these. */
export const double = (value: number): number | string => (Number.isFinite(value) ? value : String(value))
