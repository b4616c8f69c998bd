import { newId, type TraceContext, traceparentOf } from './context.ts'

/** OTLP's numbers. */
export const spanKinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const
export type SpanKind = keyof typeof spanKinds

/** Numbers, names of ours and codes of fixed sets: nothing that a tenant sent, and no tenant's name. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface SpanOptions {
  /** Default: internal. */
  readonly kind?: SpanKind
  /** Milliseconds since the epoch, fractions too. Default: now. */
  readonly start?: number
  readonly attributes?: Attributes
}

/** What a span needs of the process that it belongs to. */
export interface SpanHome {
  /** Milliseconds since the epoch, fractions too. */
  now(): number
  /** A time of `performance.now()` on that clock. */
  at(performanceMs: number): number
  ended(span: Span): void
}

/** A piece of work in a trace that is exported when it has ended. */
export class Span {
  readonly name: string
  readonly kind: SpanKind
  readonly context: TraceContext
  /** Undefined: it is the first of its trace. */
  readonly parent: string | undefined
  /** Places of others that it came from without being a part of them. */
  readonly links: readonly TraceContext[]
  readonly start: number
  readonly attributes: Record<string, string | number | boolean>
  readonly #home: SpanHome
  #end: number | undefined
  #failure: string | undefined

  constructor(
    home: SpanHome,
    name: string,
    of: { readonly traceId: string; readonly parent: string | undefined; readonly links?: readonly TraceContext[] },
    { kind = 'internal', start = home.now(), attributes = {} }: SpanOptions = {},
  ) {
    this.#home = home
    this.name = name
    this.kind = kind
    this.context = { traceId: of.traceId, spanId: newId(8) }
    this.parent = of.parent
    this.links = of.links ?? []
    this.start = start
    this.attributes = { ...attributes }
  }

  get end(): number | undefined {
    return this.#end
  }

  /** The code of what went wrong. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** For the next process: a header of HTTP or of a record. */
  get traceparent(): string {
    return traceparentOf(this.context)
  }

  /** Begins a part of this work, which may go on when this has ended. */
  child(name: string, options?: SpanOptions): Span {
    const { traceId, spanId } = this.context
    return new Span(this.#home, name, { traceId, parent: spanId }, options)
  }

  /** A part that is over: from and to are times of `performance.now()`. */
  part(name: string, from: number, to: number): void {
    this.child(name, { start: this.#home.at(from) }).finish(this.#home.at(to))
  }

  /** Nothing is said of it after its end. */
  set(attributes: Attributes): this {
    if (this.#end === undefined) Object.assign(this.attributes, attributes)
    return this
  }

  /** It failed; `code` is of a fixed set. */
  fail(code: string): this {
    if (this.#end === undefined) this.#failure = code
    return this
  }

  /** Once; what comes later counts for nothing. `at`: milliseconds since the epoch, default: now. */
  finish(at = this.#home.now()): void {
    if (this.#end !== undefined) return
    this.#end = Math.max(this.start, at)
    this.#home.ended(this)
  }
}

/** Does a part of the work of a span, where there is one. What is thrown makes the part a failed one: its `code`, or INTERNAL. */
export const within = <T>(span: Span | undefined, name: string, work: () => Promise<T>): Promise<T> =>
  ended(span?.child(name), work())

/** Ends a span, where there is one, with what it stands for; without one the same promise comes back. */
export const ended = <T>(span: Span | undefined, work: Promise<T>): Promise<T> =>
  span === undefined ? work : ending(span, work)

async function ending<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    span.fail(codeOf(error))
    throw error
  } finally {
    span.finish()
  }
}

/** Hands records over to a topic as a part of the work of a span, where there is one. `send` is told what they shall carry. */
export function producing<T>(
  span: Span | undefined,
  topic: string,
  send: (traceparent: string | undefined) => Promise<T>,
): Promise<T> {
  const part = span?.child(`produce ${topic}`, { kind: 'producer', attributes: kafkaAttributes(topic) })
  return ended(part, send(part?.traceparent))
}

/** The same for what needs no waiting. */
export function during<T>(span: Span | undefined, name: string, work: () => T): T {
  if (span === undefined) return work()
  const part = span.child(name)
  try {
    return work()
  } catch (error) {
    part.fail(codeOf(error))
    throw error
  } finally {
    part.finish()
  }
}

/** Codes of ours are capitals; anything else could be a text. */
export function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'INTERNAL'
}

/** What is said of a topic in every span that is about it. */
export const kafkaAttributes = (topic: string): Attributes => ({
  'messaging.system': 'kafka',
  'messaging.destination.name': topic,
})
