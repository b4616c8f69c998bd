import type { Corpus } from '../mutate.ts'

/** A parser under test: what its inputs are made of, and one run, which throws where the parser breaks a promise. */
export interface Target extends Corpus {
  readonly run: (input: Buffer) => void
}

/** The moment at which texts without a year are read. */
export const near = Date.UTC(2026, 9, 20)

export const bytes = (...texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text))

/** What JSON is written with, around its values. */
export const jsonMarks = bytes('{', '}', '[', ']', ',', ':', '"')
