/**
 * What a parser answers: errors are values, because a message that cannot be read is an ordinary thing and is kept all the same.
 * `at` is the place in the text where reading stopped; `partial` what was read until there.
 */
export type Parsed<T, Code extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: Code; readonly at: number; readonly partial?: Partial<T> }

export const failed = <Code extends string, T>(code: Code, at: number, partial?: Partial<T>) =>
  ({ ok: false, code, at, ...(partial && { partial }) }) as const

/** Texts by names that a sender chose: no prototype, so that no name means anything. */
export type Texts = Record<string, string>
export const texts = (): Texts => Object.create(null) as Texts
