/** What a framer finds in a stream. `bytes` are a view into a chunk or a copy; keep them, never write to them. */
export type Frame =
  | { readonly kind: 'frame'; readonly bytes: Buffer }
  /** A frame longer than allowed: its beginning; the rest was skipped. */
  | { readonly kind: 'oversize'; readonly bytes: Buffer; readonly length: number }
  /** The stream cannot be read on: what stands where a length should. Nothing follows it. */
  | { readonly kind: 'broken'; readonly bytes: Buffer }
  /** The stream ended within a frame. */
  | { readonly kind: 'truncated'; readonly bytes: Buffer }

export interface FramerOptions {
  /** The most bytes of a frame. */
  readonly maxFrame: number
  /** Of an oversize frame so many bytes are kept. Default: 8,192. */
  readonly kept?: number
  /** A count beyond this is no frame's length but a stream gone wrong. Default: 1,000 times `maxFrame`. */
  readonly maxSkip?: number
}

export type Framing = 'octet-counting' | 'non-transparent'

const [nul, lf, cr, space, zero, nine] = [0x00, 0x0a, 0x0d, 0x20, 0x30, 0x39]
const none = Buffer.alloc(0)
/** How many bytes of where a length should stand are told. */
const shown = 64
/** After a count these begin a message; any other text that begins with a number is a line. */
const begins = ['<', 'CEF:', 'LEEF:'] as const
const longestStart = 5
/** A held frame is in so many pieces at most. */
const mostPieces = 32

/**
 * How a stream is framed, by its first bytes: a number, a space and the beginning of a message is octet counting, anything else is lines.
 * Undefined while too few bytes are there to tell.
 * @see https://www.rfc-editor.org/rfc/rfc6587#section-3.4
 */
export function detectFraming(bytes: Buffer): Framing | undefined {
  let i = 0
  while (i < bytes.length && i < 11 && bytes[i]! >= zero && bytes[i]! <= nine) i++
  if (i === bytes.length && i < 11 && bytes[0] !== zero) return undefined
  if (i === 0 || i > 10 || bytes[0] === zero || bytes[i] !== space) return 'non-transparent'
  const after = bytes.toString('latin1', i + 1, i + 1 + longestStart)
  if (begins.some((start) => after.startsWith(start))) return 'octet-counting'
  return begins.some((start) => start.startsWith(after)) ? undefined : 'non-transparent'
}

/**
 * Cuts the stream of one connection into frames (RFC 6587), however it comes in chunks. What it holds back is never more than one frame and a
 * chunk. The method of framing is told from the first bytes and stays.
 */
export class Framer {
  readonly #maxFrame: number
  readonly #kept: number
  readonly #maxSkip: number
  #framing: Framing | undefined
  #held: Buffer[] = []
  #heldBytes = 0
  /** Octets of the oversize frame that are still to be skipped, where frames are counted. */
  #skip = 0
  /** Bytes that must be there before a held frame can be looked at again, where frames are counted. */
  #wanted = 0
  #skipping: { readonly bytes: Buffer; length: number } | undefined
  #broken = false

  constructor({ maxFrame, kept = 8_192, maxSkip = 1_000 * maxFrame }: FramerOptions) {
    this.#maxFrame = maxFrame
    this.#kept = Math.min(kept, maxFrame)
    this.#maxSkip = maxSkip
  }

  get framing(): Framing | undefined {
    return this.#framing
  }

  /** Bytes of an unfinished frame. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** The frames that a chunk completes. */
  push(chunk: Buffer): Frame[] {
    if (this.#broken || chunk.length === 0) return []
    const frames: Frame[] = []
    if (this.#framing === undefined) {
      const bytes = this.#take(chunk)
      this.#framing = detectFraming(bytes)
      if (this.#framing === undefined) this.#hold(bytes)
      else this.#cut(bytes, frames)
    } else this.#cut(chunk, frames)
    return frames
  }

  /** The stream has ended: a last line without its end is a frame; an unfinished counted frame is not. */
  end(): Frame[] {
    if (this.#broken) return []
    const frames: Frame[] = []
    const bytes = this.#take(none)
    if (this.#skipping) {
      const { length } = this.#skipping
      frames.push({ kind: 'oversize', bytes: this.#skipping.bytes, length })
    } else if (bytes.length > 0) {
      if (this.#framing === 'octet-counting') frames.push({ kind: 'truncated', bytes })
      else this.#line(bytes, frames)
    }
    this.#broken = true
    this.#skipping = undefined
    return frames
  }

  #cut(chunk: Buffer, frames: Frame[]): void {
    if (this.#framing === 'octet-counting') this.#counted(chunk, frames)
    else this.#lines(chunk, frames)
  }

  #take(chunk: Buffer): Buffer {
    if (this.#held.length === 0) return chunk
    const all = Buffer.concat([...this.#held, chunk])
    this.#held = []
    this.#heldBytes = 0
    return all
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    // A sender of single bytes would otherwise cost a hundred times what it sent.
    if (this.#held.length >= mostPieces) this.#held = [Buffer.concat(this.#held)]
  }

  #lines(chunk: Buffer, frames: Frame[]): void {
    let start = 0
    while (start < chunk.length) {
      const end = delimiterFrom(chunk, start)
      const until = end === -1 ? chunk.length : end
      const part = chunk.subarray(start, until)
      if (this.#skipping) this.#skipping.length += part.length
      else if (this.#heldBytes + part.length > this.#maxFrame) {
        const bytes = this.#take(part)
        this.#skipping = { bytes: Buffer.from(bytes.subarray(0, this.#kept)), length: bytes.length }
      } else if (end === -1) this.#hold(part)
      else this.#line(this.#take(part), frames)
      if (end === -1) return
      if (this.#skipping) frames.push({ kind: 'oversize', ...this.#skipping })
      this.#skipping = undefined
      start = end + 1
    }
  }

  #line(bytes: Buffer, frames: Frame[]): void {
    const end = bytes[bytes.length - 1] === cr ? bytes.length - 1 : bytes.length
    if (end > 0) frames.push({ kind: 'frame', bytes: bytes.subarray(0, end) })
  }

  #counted(chunk: Buffer, frames: Frame[]): void {
    if (this.#skipping && this.#skip >= chunk.length) {
      this.#skip -= chunk.length
      if (this.#skip === 0) this.#skipped(frames)
      return
    }
    let i = 0
    if (this.#skipping) {
      i = this.#skip
      this.#skip = 0
      this.#skipped(frames)
    }
    // While a long frame comes in, chunks are only counted: joining them each time would take the square of its length.
    if (this.#heldBytes > 0 && this.#heldBytes + chunk.length < this.#wanted) return void this.#hold(chunk)
    const bytes = this.#take(i === 0 ? chunk : chunk.subarray(i))
    this.#wanted = 0
    for (let at = 0; at < bytes.length; ) {
      // Some senders end a counted frame with a line end that they do not count.
      if (bytes[at] === lf) {
        at++
        continue
      }
      const digits = countEnd(bytes, at)
      const length = digits === at ? Number.NaN : Number(bytes.toString('latin1', at, digits))
      if (digits === bytes.length && digits > at && bytes[at] !== zero && length <= this.#maxSkip)
        return void this.#hold(bytes.subarray(at))
      if (bytes[at] === zero || bytes[digits] !== space || !(length <= this.#maxSkip)) {
        frames.push({ kind: 'broken', bytes: Buffer.from(bytes.subarray(at, at + shown)) })
        this.#broken = true
        return
      }
      const start = digits + 1
      const end = start + length
      if (length > this.#maxFrame) {
        // The beginning may not be here yet: so much of it is waited for as is kept.
        if (bytes.length - start < this.#kept) {
          this.#wanted = start - at + this.#kept
          return void this.#hold(bytes.subarray(at))
        }
        this.#skipping = { bytes: Buffer.from(bytes.subarray(start, start + this.#kept)), length }
        if (end > bytes.length) {
          this.#skip = end - bytes.length
          return
        }
        this.#skipped(frames)
      } else if (end > bytes.length) {
        this.#wanted = end - at
        return void this.#hold(bytes.subarray(at))
      } else if (length > 0) frames.push({ kind: 'frame', bytes: bytes.subarray(start, end) })
      at = end
    }
  }

  #skipped(frames: Frame[]): void {
    if (this.#skipping) frames.push({ kind: 'oversize', ...this.#skipping })
    this.#skipping = undefined
  }
}

/** The first LF or NUL: some senders end lines with the latter. */
function delimiterFrom(bytes: Buffer, from: number): number {
  const line = bytes.indexOf(lf, from)
  const zeroAt = bytes.subarray(from, line === -1 ? bytes.length : line).indexOf(nul)
  return zeroAt === -1 ? line : from + zeroAt
}

/** The place after up to ten digits. */
function countEnd(bytes: Buffer, from: number): number {
  let i = from
  while (i < bytes.length && i < from + 10 && bytes[i]! >= zero && bytes[i]! <= nine) i++
  return i
}
