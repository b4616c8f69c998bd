import { type Texts, texts } from '../result.ts'

export type ExtensionProblem = 'DUPLICATE_KEY' | 'TEXT_BEFORE_FIRST_KEY' | 'BAD_ESCAPE'

export interface Extension {
  readonly fields: Texts
  readonly problems: readonly ExtensionProblem[]
}

/** What a key is made of; it begins with a letter, a digit or '_'. Dots and brackets are not in the format and in many devices' logs. */
const keyPart = (c: number): boolean =>
  (c >= 0x61 && c <= 0x7a) ||
  (c >= 0x41 && c <= 0x5a) ||
  (c >= 0x30 && c <= 0x39) ||
  c === 0x5f ||
  c === 0x2e ||
  c === 0x2d ||
  c === 0x5b ||
  c === 0x5d

const [tab, space, equals, backslash] = [0x09, 0x20, 0x3d, 0x5c]

/** Where the key begins that ends at an '='; -1 where no key does: a value may hold an '=' that its device did not escape. */
function keyStart(text: string, from: number, end: number): number {
  let i = end
  while (i > from && keyPart(text.charCodeAt(i - 1))) i--
  if (i === end || (i > from && text.charCodeAt(i - 1) !== space && text.charCodeAt(i - 1) !== tab)) return -1
  const first = text.charCodeAt(i)
  return first === 0x2e || first === 0x2d || first === 0x5b || first === 0x5d ? -1 : i
}

const meaning: Readonly<Record<string, string>> = { n: '\n', r: '\r', '=': '=', '\\': '\\', '|': '|' }

/**
 * Reads a CEF extension at `from`: 'key=value key=value'. A value goes on until the last space before the next key, and may hold spaces. In
 * values '\=', '\\', '\n', '\r' (and '\|') are escapes; another backslash stays as it is. The last of two equal keys wins.
 */
export function parseExtension(text: string, from: number): Extension {
  const fields = texts()
  const problems = new Set<ExtensionProblem>()
  let key: string | undefined
  let valueFrom = from
  /** Keys are looked for from here, so that no place is looked at twice. */
  let keysFrom = from
  const take = (end: number): void => {
    const raw = text.slice(valueFrom, end)
    if (key === undefined) {
      if (raw.trim() !== '') problems.add('TEXT_BEFORE_FIRST_KEY')
      return
    }
    if (key in fields) problems.add('DUPLICATE_KEY')
    fields[key] = raw.includes('\\')
      ? raw.replace(/\\([\s\S]?)/g, (whole, c: string) => {
          const meant = meaning[c]
          if (meant === undefined) problems.add('BAD_ESCAPE')
          return meant ?? whole
        })
      : raw
  }
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === backslash) i++
    else if (c === equals) {
      const start = keyStart(text, keysFrom, i)
      if (start !== -1) {
        take(key === undefined ? start : trimmedEnd(text, valueFrom, start))
        key = text.slice(start, i)
        valueFrom = i + 1
      }
      keysFrom = i + 1
    }
  }
  take(trimmedEnd(text, valueFrom, text.length))
  return { fields, problems: [...problems] }
}

/** Without the spaces between a value and the next key; one that is escaped stays. */
function trimmedEnd(text: string, from: number, to: number): number {
  let end = to
  while (end > from && (text.charCodeAt(end - 1) === space || text.charCodeAt(end - 1) === tab)) end--
  return end
}

/** Values by what their labels call them: 'cs1Label=Rule cs1=x' is {Rule: 'x'}. Undefined where there is no such pair. */
export function labels(fields: Texts): Texts | undefined {
  let found: Texts | undefined
  for (const key in fields) {
    if (!key.endsWith('Label')) continue
    const value = fields[key.slice(0, -5)]
    const label = fields[key]!
    if (value === undefined || label === '') continue
    found ??= texts()
    found[label] = value
  }
  return found
}
