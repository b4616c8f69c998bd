import { RE2JS } from 're2js'
import { limits } from './limits.ts'

export interface RegexFlags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
}

/** A regular expression whose time is linear in the text, whatever the text. */
export interface Regex {
  readonly source: string
  readonly flags: RegexFlags
  /** Whether the expression is found anywhere in the text. */
  test(text: string): boolean
}

/**
 * @throws Error with a reason when the expression is too large, or is one that cannot run in linear time
 * (references to groups, look-around).
 */
export function compileRegex(source: string, flags: RegexFlags): Regex {
  if (source.length > limits.regexCharacters)
    throw new Error(`A regular expression has ${source.length} characters; at most ${limits.regexCharacters} are read.`)
  const bits =
    (flags.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.multiline ? RE2JS.MULTILINE : 0) |
    (flags.dotAll ? RE2JS.DOTALL : 0)
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(source, bits)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const bounded = /\(\?<?[=!]|\\[1-9]/.test(source)
      ? ' Look-around and references to groups cannot run in linear time and are not supported.'
      : ''
    throw new Error(`The regular expression '${source}' cannot be compiled: ${reason}.${bounded}`, { cause: error })
  }
  if (compiled.programSize() > limits.regexInstructions)
    throw new Error(
      `The regular expression '${source}' compiles to ${compiled.programSize()} instructions; at most ${limits.regexInstructions} are run.`,
    )
  return { source, flags, test: (text) => compiled.test(text) }
}
