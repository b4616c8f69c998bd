/** A document that is no JSON, or is too large. */
export interface BadDocument {
  /** Line in the file, from 1, at which it begins. */
  readonly line: number
  readonly reason: string
}

/** Characters that one document may have. */
export const longestDocument = 64 * 1024 * 1024

type Sink = (document: unknown) => void

/**
 * Cuts text that comes in pieces into JSON documents. A first line that is a whole document makes it NDJSON, where a bad line costs only
 * itself; else documents follow one another in any layout, and after a bad one nothing more can be told apart.
 */
export class Documents {
  readonly bad: BadDocument[] = []
  readonly #sink: Sink
  #kind: 'unknown' | 'lines' | 'free' | 'lost' = 'unknown'
  #rest = ''
  #line = 1
  /** Of free layout: how far `#rest` is looked at, how deep that is, and where the document begins. */
  #at = 0
  #depth = 0
  #inText = false

  constructor(sink: Sink) {
    this.#sink = sink
  }

  push(text: string): void {
    if (this.#kind === 'lost') return
    this.#rest += text
    if (this.#kind === 'unknown') this.#recognise(false)
    if (this.#kind === 'lines') this.#lines()
    else if (this.#kind === 'free') this.#free()
    if (this.#rest.length > longestDocument) this.#lose(`The document is longer than ${longestDocument} characters.`)
  }

  /** No more text comes. */
  end(): void {
    if (this.#kind === 'unknown') this.#recognise(true)
    if (this.#kind === 'lines' && this.#rest.trim() !== '') this.#parse(this.#rest)
    if (this.#kind === 'free') {
      this.#free()
      // A number or a word at the end has nothing behind it that ends it.
      if (this.#rest.trim() !== '')
        this.#depth === 0 && !this.#inText ? this.#parse(this.#rest) : this.#lose('The document has no end.')
    }
    this.#rest = ''
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
    }
  }

  #lines(): void {
    let start = 0
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n', start)) {
      const line = this.#rest.slice(start, end)
      if (line.trim() !== '') this.#parse(line)
      this.#line++
      start = end + 1
    }
    this.#rest = this.#rest.slice(start)
  }

  #free(): void {
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
        const document = this.#rest.slice(start, this.#at + 1)
        start = this.#at + 1
        if (!this.#parse(document)) {
          this.#lose()
          return
        }
        this.#line += document.split('\n').length - 1
      }
    }
    this.#rest = this.#rest.slice(start)
    this.#at -= start
  }

  #parse(text: string): boolean {
    try {
      this.#sink(JSON.parse(text))
      return true
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.bad.push({ line: this.#line, reason: `It is no JSON: ${error.message.split('\n')[0]}.` })
      return false
    }
  }

  #lose(reason?: string): void {
    if (reason !== undefined) this.bad.push({ line: this.#line, reason })
    this.#kind = 'lost'
    this.#rest = ''
  }
}
