import { mutated } from './mutate.ts'
import { Random } from './random.ts'
import { shrink } from './shrink.ts'
import type { Target } from './targets/target.ts'

/** An input that a parser does not survive: it threw, or took longer than it may. */
export interface Finding {
  readonly kind: 'crash' | 'slow' | 'hang'
  readonly index: number
  readonly message: string
  /** The smallest input found that does the same. Of a hang: the input as it was. */
  readonly input: Buffer
}

const random = new Random()

/** The input number `index` of a seed. */
export function inputAt(target: Target, seed: number, index: number): Buffer {
  random.reset(seed, index)
  return mutated(random, target)
}

const problemOf = (target: Target, input: Buffer): string | undefined => {
  try {
    target.run(input)
    return undefined
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error)
  }
}

/** The quickest of a few runs, milliseconds: a machine that is busy makes any one run slow. */
function quickest(target: Target, input: Buffer): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    problemOf(target, input)
    best = Math.min(best, performance.now() - start)
  }
  return best
}

export interface Batch {
  readonly seed: number
  readonly from: number
  readonly count: number
  /** An input may take so long. */
  readonly boundMs: number
  /** Told before each input. */
  readonly begins?: (index: number) => void
}

/** Runs inputs one after the other; the first finding ends it. */
export function fuzz(target: Target, { seed, from, count, boundMs, begins }: Batch): Finding | undefined {
  let last = performance.now()
  for (let index = from; index < from + count; index++) {
    begins?.(index)
    const input = inputAt(target, seed, index)
    const message = problemOf(target, input)
    const now = performance.now()
    const took = now - last
    last = now
    if (message !== undefined) {
      const smallest = shrink(input, (smaller) => problemOf(target, smaller) !== undefined)
      return { kind: 'crash', index, message: problemOf(target, smallest) ?? message, input: smallest }
    }
    if (took > boundMs && quickest(target, input) > boundMs) {
      const smallest = shrink(input, (smaller) => quickest(target, smaller) > boundMs, 200)
      return { kind: 'slow', index, message: `it took more than ${boundMs} ms`, input: smallest }
    }
  }
  return undefined
}
