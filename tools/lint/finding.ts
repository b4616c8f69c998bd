/** What is wrong with a file of this repository. */
export interface LintFinding {
  /** From the repository's root, with '/'. */
  readonly file: string
  readonly line: number
  readonly rule: string
  /** One sentence: what is there, and what should be. */
  readonly message: string
}

/** One line a finding, as editors and terminals link it: file:line message (rule). */
export const renderFindings = (findings: readonly LintFinding[]): string =>
  findings.map(({ file, line, message, rule }) => `${file}:${line} ${message} (${rule})`).join('\n')

/** The line of a place in a text, from 1. */
export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length
