import { failed, type Parsed } from '../result.ts'

export interface SdElement {
  readonly id: string
  /** In their order; a name may stand there more than once. */
  readonly params: readonly (readonly [name: string, value: string])[]
}

export interface StructuredData {
  readonly elements: readonly SdElement[]
  /** The place after it. */
  readonly end: number
  readonly problems: readonly SdProblem[]
}

/** What is against RFC 5424 and can be read all the same. */
export type SdProblem = 'DUPLICATE_SD_ID' | 'LONG_SD_NAME' | 'UNESCAPED_BRACKET'
export type SdError = 'BAD_SD_ID' | 'BAD_SD_PARAM' | 'UNTERMINATED_SD'

/** The longest SD-NAME. */
const maxName = 32
const [space, quote, equals, open, backslash, close] = [0x20, 0x22, 0x3d, 0x5b, 0x5c, 0x5d]

/** The place after an SD-NAME: printable ASCII but '=', space, ']' and '"'. */
function nameEnd(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c <= space || c > 0x7e || c === equals || c === close || c === quote) break
  }
  return i
}

/** One or more SD-ELEMENTs at `from`, where a '[' stands. A backslash before anything but '"', '\' and ']' is a backslash. */
export function parseStructuredData(text: string, from: number): Parsed<StructuredData, SdError> {
  const elements: SdElement[] = []
  const ids = new Set<string>()
  const problems = new Set<SdProblem>()
  let i = from
  while (text.charCodeAt(i) === open) {
    const idEnd = nameEnd(text, i + 1)
    if (idEnd === i + 1) return failed(idEnd >= text.length ? 'UNTERMINATED_SD' : 'BAD_SD_ID', idEnd)
    const id = text.slice(i + 1, idEnd)
    if (ids.has(id)) problems.add('DUPLICATE_SD_ID')
    ids.add(id)
    if (id.length > maxName) problems.add('LONG_SD_NAME')
    const params: [string, string][] = []
    i = idEnd
    for (;;) {
      const c = text.charCodeAt(i)
      if (c === close) break
      if (Number.isNaN(c)) return failed('UNTERMINATED_SD', i)
      if (c !== space) return failed(params.length === 0 ? 'BAD_SD_ID' : 'BAD_SD_PARAM', i)
      // One space stands before each; devices put more, also before the bracket.
      while (text.charCodeAt(i) === space) i++
      if (text.charCodeAt(i) === close) break
      const end = nameEnd(text, i)
      if (end >= text.length) return failed('UNTERMINATED_SD', end)
      if (end === i || text.charCodeAt(end) !== equals || text.charCodeAt(end + 1) !== quote)
        return failed(text[end] === '=' && end + 1 >= text.length ? 'UNTERMINATED_SD' : 'BAD_SD_PARAM', end)
      const name = text.slice(i, end)
      if (name.length > maxName) problems.add('LONG_SD_NAME')
      let valueEnd = end + 2
      for (let c = text.charCodeAt(valueEnd); c !== quote; c = text.charCodeAt(++valueEnd)) {
        if (c === backslash) valueEnd++
        else if (c === close) problems.add('UNESCAPED_BRACKET')
        if (valueEnd >= text.length) return failed('UNTERMINATED_SD', text.length)
      }
      const raw = text.slice(end + 2, valueEnd)
      params.push([name, raw.includes('\\') ? raw.replace(/\\(["\\\]])/g, '$1') : raw])
      i = valueEnd + 1
    }
    elements.push({ id, params })
    i++
  }
  return { ok: true, value: { elements, end: i, problems: [...problems] } }
}
