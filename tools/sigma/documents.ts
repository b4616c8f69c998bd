/** A document that is no JSON, or is too large. */
export interface BadDocument {
  /** Line in the file, from 1, at which it begins. */
  readonly line: number
  readonly reason: string
}

/** Characters that one document may have. */
const longestDocument = 64 * 1024 * 1024

/** Finds where maps and lists begin and end in text that comes in pieces. */
class Scanner {
  #rest = ''
  #at = 0
  #depth = 0
  #inText = false

  /** What is not in a document that has ended. */
  get rest(): string {
    return this.#rest
  }

  /** A document has begun and not ended. */
  get open(): boolean {
    return this.#depth > 0 || this.#inText
  }

  /** The documents that end in the text, with what stands before each. */
  push(text: string): string[] {
    this.#rest += text
    const found: string[] = []
    let start = 0
    for (; this.#at < this.#rest.length; this.#at++) {
      const char = this.#rest.charCodeAt(this.#at)
      if (this.#inText) {
        if (char === 0x5c) this.#at++
        else if (char === 0x22) this.#inText = false
      } else if (char === 0x22) this.#inText = true
      else if (char === 0x7b || char === 0x5b) this.#depth++
      else if ((char === 0x7d || char === 0x5d) && --this.#depth <= 0) {
        this.#depth = 0
        found.push(this.#rest.slice(start, this.#at + 1))
        start = this.#at + 1
      }
    }
    this.#rest = this.#rest.slice(start)
    this.#at -= start
    return found
  }
}

const linesIn = (text: string): number => text.split('\n').length - 1

/**
 * Cuts text that comes in pieces into JSON documents. A first line that is a whole document makes it a file of lines, where a bad line costs
 * only itself and a document of many lines is welcome too; else documents follow one another in any layout, and after a bad one nothing
 * more can be told apart.
 */
export class Documents {
  readonly bad: BadDocument[] = []
  readonly #sink: (document: unknown) => void
  #kind: 'unknown' | 'lines' | 'free' | 'lost' = 'unknown'
  #rest = ''
  #line = 1
  #scanner = new Scanner()

  constructor(sink: (document: unknown) => void) {
    this.#sink = sink
  }

  push(text: string): void {
    if (this.#kind === 'unknown' || this.#kind === 'lines') {
      this.#rest += text
      if (this.#kind === 'unknown') this.#recognise(false)
      if (this.#kind === 'lines') this.#lines()
    } else if (this.#kind === 'free') this.#free(text)
    if (this.#rest.length > longestDocument || this.#scanner.rest.length > longestDocument)
      this.#lose(`The document is longer than ${longestDocument} characters.`)
  }

  /** No more text comes. */
  end(): void {
    if (this.#kind === 'unknown') this.#recognise(true)
    if (this.#kind === 'lines') this.#lines()
    if (this.#kind === 'lines' && this.#rest !== '') this.#takeLine(this.#rest)
    this.#rest = ''
    if (this.#scanner.rest.trim() !== '') this.#tell(this.#scanner.open ? 'The document has no end.' : 'It is no map.')
  }

  #recognise(whole: boolean): void {
    const start = this.#rest.search(/\S/)
    if (start < 0) return
    const end = this.#rest.indexOf('\n', start)
    if (end < 0 && !whole) return
    try {
      JSON.parse(this.#rest.slice(start, end < 0 ? undefined : end))
      this.#kind = 'lines'
    } catch {
      this.#kind = 'free'
      const text = this.#rest
      this.#rest = ''
      this.#free(text)
    }
  }

  #lines(): void {
    let start = 0
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n', start)) {
      this.#takeLine(this.#rest.slice(start, end + 1))
      start = end + 1
    }
    this.#rest = this.#rest.slice(start)
  }

  #takeLine(line: string): void {
    const open = this.#scanner.open
    // A map that is whole and stands at the very beginning of its line is no part of one that was left open.
    if (!open || line.startsWith('{'))
      try {
        const document: unknown = line.trim() === '' ? undefined : JSON.parse(line)
        if (open) this.#drop('The document has no end.')
        if (document !== undefined) this.#sink(document)
        this.#line++
        return
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
      }
    for (const document of this.#scanner.push(line)) this.#parse(document)
    if (!this.#scanner.open && this.#scanner.rest.trim() !== '') this.#drop('It is no JSON.')
    else if (!this.#scanner.open) this.#forget()
  }

  #free(text: string): void {
    for (const document of this.#scanner.push(text)) {
      if (this.#parse(document)) continue
      this.#lose()
      return
    }
  }

  #parse(text: string): boolean {
    const line = this.#line + linesIn(/^\s*/.exec(text)?.[0] ?? '')
    this.#line += linesIn(text)
    try {
      this.#sink(JSON.parse(text))
      return true
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.bad.push({ line, reason: `It is no JSON: ${error.message.split('\n')[0]}.` })
      return false
    }
  }

  #tell(reason: string): void {
    const { rest } = this.#scanner
    this.bad.push({ line: this.#line + linesIn(/^\s*/.exec(rest)?.[0] ?? ''), reason })
  }

  /** Lets what the scanner holds go. */
  #forget(): void {
    this.#line += linesIn(this.#scanner.rest)
    this.#scanner = new Scanner()
  }

  #drop(reason: string): void {
    this.#tell(reason)
    this.#forget()
  }

  #lose(reason?: string): void {
    if (reason !== undefined) this.#tell(reason)
    this.#kind = 'lost'
    this.#rest = ''
    this.#scanner = new Scanner()
  }
}
