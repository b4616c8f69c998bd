import { skipElement, skipSpace, skipString } from '../formats/json-elements.ts'

const [quote, backslash, openBrace, open] = [0x22, 0x5c, 0x7b, 0x5b]

/** A member of the object that is looked for, and where its value stands in the object read last; -1: nowhere. */
interface Wanted {
  readonly name: string
  readonly bytes: Buffer
  from: number
  to: number
}

function isNamed({ bytes: name }: Wanted, bytes: Buffer, from: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false
  return true
}

/**
 * A few fields of events, read out of their bytes without building them. A name is a member's ('host'), else a path ('device.hostname'); a
 * value is a text, number or truth value, as a text. Of members with one name the last counts, as with JSON.parse. For bytes that are one JSON
 * object, as what the collector has accepted is.
 */
export class EventFields {
  readonly #wanted = new Map<string, Wanted>()
  readonly #inner = new Map<string, readonly [head: string, fields: EventFields]>()
  #bytes: Buffer = Buffer.alloc(0)

  constructor(names: readonly string[]) {
    for (const name of names) {
      this.#want(name)
      const dot = name.indexOf('.')
      if (dot <= 0) continue
      const head = name.slice(0, dot)
      this.#want(head)
      this.#inner.set(name, [head, new EventFields([name.slice(dot + 1)])])
    }
  }

  #want(name: string): void {
    this.#wanted.set(name, { name, bytes: Buffer.from(name), from: -1, to: -1 })
  }

  /** Looks through an object that begins at `start`, once, whatever is asked about it then. */
  read(bytes: Buffer, start = 0): void {
    this.#bytes = bytes
    for (const wanted of this.#wanted.values()) wanted.from = -1
    let i = skipSpace(bytes, skipSpace(bytes, start) + 1)
    while (i < bytes.length && bytes[i] === quote) {
      const keyFrom = i + 1
      const keyTo = skipString(bytes, i) - 1
      const from = skipSpace(bytes, skipSpace(bytes, keyTo + 1) + 1)
      const to = skipElement(bytes, from)
      this.#member(keyFrom, keyTo, from, to)
      // Behind the comma, or the end.
      i = skipSpace(bytes, to + 1)
    }
  }

  #member(keyFrom: number, keyTo: number, from: number, to: number): void {
    const escaped = this.#escapedName(keyFrom, keyTo)
    if (escaped === undefined) {
      for (const wanted of this.#wanted.values())
        if (wanted.bytes.length === keyTo - keyFrom && isNamed(wanted, this.#bytes, keyFrom)) {
          wanted.from = from
          wanted.to = to
        }
      return
    }
    const wanted = this.#wanted.get(escaped)
    if (wanted === undefined) return
    wanted.from = from
    wanted.to = to
  }

  /** The name of a member that is written with escapes. */
  #escapedName(from: number, to: number): string | undefined {
    for (let i = from; i < to; i++)
      if (this.#bytes[i] === backslash) return JSON.parse(this.#bytes.toString('utf8', from - 1, to + 1))
    return undefined
  }

  /** The value of one of the names in the object read last. */
  readonly field = (name: string): string | undefined => this.#own(name) ?? this.#within(name)

  #own(name: string): string | undefined {
    const { from, to } = this.#wanted.get(name) ?? { from: -1, to: -1 }
    if (from === -1 || this.#bytes[from] === openBrace || this.#bytes[from] === open) return undefined
    const value: unknown = JSON.parse(this.#bytes.toString('utf8', from, to))
    return value === null ? undefined : String(value)
  }

  #within(name: string): string | undefined {
    const [head, fields] = this.#inner.get(name) ?? []
    const from = head === undefined ? -1 : this.#wanted.get(head)!.from
    if (fields === undefined || from === -1 || this.#bytes[from] !== openBrace) return undefined
    fields.read(this.#bytes, from)
    return fields.field(name.slice(head!.length + 1))
  }
}
