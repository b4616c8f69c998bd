/**
 * What a file of rules may cost to read. Rules are input of customers: each bound is far above what SigmaHQ uses (its largest file is 20 KB,
 * its deepest document has 5 levels) and low enough that a file at every bound at once is read in well under a second.
 */
export const limits = {
  /** Bytes of an archive of rules, unpacked; SigmaHQ's is 12 MB. */
  archiveBytes: 134_217_728,
  /** Characters in one file. */
  fileCharacters: 1_048_576,
  /** YAML documents in one file. */
  documents: 1_000,
  /** Levels of maps and lists in a document, and of parentheses in a condition. */
  depth: 24,
  /** YAML aliases in a document; an alias may stand for a large subtree, so they are few. */
  aliases: 32,
  /** Values, fields and identifiers in one rule, after repetition through aliases. */
  values: 20_000,
  /** Values in one condition, counting an identifier each time that the condition uses it. */
  expressionValues: 50_000,
  /** Characters in one value. */
  valueCharacters: 16_384,
  /** Variants that one value may become (windash has five for each dash, base64offset three, expand one for each value of the placeholder). */
  variants: 4_096,
  /** Characters in a regular expression. */
  regexCharacters: 2_048,
  /** Instructions of a compiled regular expression; matching costs at most this times the length of the text. */
  regexInstructions: 5_000,
} as const
