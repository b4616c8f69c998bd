import type { Random } from './random.ts'

/** What inputs of a target are made of. */
export interface Corpus {
  /** Inputs that mean something to it. */
  readonly seeds: readonly Buffer[]
  /** Pieces that matter to it: delimiters, escapes, words. */
  readonly tokens: readonly Buffer[]
}

/** Longer inputs are cut. */
const maxInput = 16_384
/** Most inputs stay as small as what is sent; one in so many may grow. */
const growOneIn = 64
const usual = 1_024

const nasty = [
  '\0',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\\',
  '"',
  '-',
  '%',
  '\uFEFF',
  '\u2028',
  '\u{1F600}',
  '__proto__',
  '0',
  '9'.repeat(20),
  '-1',
  '1e309',
].map((text) => Buffer.from(text))
/** Bytes that are no UTF-8: a lone continuation, an overlong form, a surrogate, half a character. */
const broken = [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xff, 0xfe]].map((bytes) => Buffer.from(bytes))

const scratch = Buffer.alloc(2 * maxInput)

/** Works on one buffer, from the seed that it begins with: each change is in place. */
class Draft {
  readonly bytes = scratch
  length = 0
  most = usual

  start(seed: Buffer, most: number): void {
    this.most = most
    this.length = Math.min(seed.length, most)
    seed.copy(this.bytes, 0, 0, this.length)
  }

  replace(from: number, to: number, by: Buffer, times = 1): void {
    const room = Math.max(0, Math.min(by.length * times, this.most - from))
    const tail = Math.min(this.length - to, this.most - from - room)
    this.bytes.copyWithin(from + room, to, to + tail)
    for (let at = 0; at < room; at += by.length) by.copy(this.bytes, from + at, 0, Math.min(by.length, room - at))
    this.length = from + room + tail
  }
}

const draft = new Draft()

type Change = (random: Random, corpus: Corpus) => void

const place = (random: Random) => random.below(draft.length + 1)
const span = (random: Random, most: number): readonly [number, number] => {
  const from = place(random)
  return [from, Math.min(draft.length, from + random.below(most) + 1)]
}

const changes: readonly Change[] = [
  (random) => {
    if (draft.length > 0) draft.bytes[random.below(draft.length)]! ^= 1 << random.below(8)
  },
  (random) => {
    if (draft.length > 0) draft.bytes[random.below(draft.length)] = random.below(256)
  },
  (random, { tokens }) => {
    const at = place(random)
    draft.replace(at, at, random.pick(tokens))
  },
  (random, { tokens }) => {
    const [from, to] = span(random, 8)
    draft.replace(from, to, random.pick(tokens))
  },
  (random) => {
    const at = place(random)
    draft.replace(at, at, random.pick(nasty))
  },
  (random) => {
    const at = place(random)
    draft.replace(at, at, random.pick(broken))
  },
  (random) => {
    const [from, to] = span(random, 16)
    draft.replace(from, to, nasty[0]!, 0)
  },
  (random) => {
    const [from, to] = span(random, 24)
    const at = place(random)
    draft.replace(at, at, Buffer.from(draft.bytes.subarray(from, to)))
  },
  (random) => {
    draft.length = place(random)
  },
  (random, { tokens }) => {
    const at = place(random)
    draft.replace(at, at, random.pick(tokens), 1 << random.below(draft.most === usual ? 6 : 13))
  },
  (random, { seeds }) => {
    const other = random.pick(seeds)
    const from = random.below(other.length + 1)
    const at = place(random)
    draft.replace(at, draft.length, other.subarray(from))
  },
]

/** The input that follows from the state of `random`: one of the seeds with a few changes. */
export function mutated(random: Random, corpus: Corpus): Buffer {
  draft.start(random.pick(corpus.seeds), random.below(growOneIn) === 0 ? maxInput : usual)
  for (let left = 1 + random.below(5); left > 0; left--) random.pick(changes)(random, corpus)
  return Buffer.from(draft.bytes.subarray(0, draft.length))
}
