import type { Engine, TensorInfo, Values } from '../engine/engine.ts'
import { allocate } from '../tensor/datatypes.ts'

export interface Seen {
  readonly rows: number
  readonly ms: number
  /** Of a processor, where that is known: what others do on the machine does not lengthen it. */
  readonly cpuMs: number
}

/** What running a model a few times has shown. */
export interface Warmth {
  /** How long executions of so many rows took at best. */
  readonly seen: readonly Seen[]
  /** Whether its outputs have a row for each row of its inputs. */
  readonly batches: boolean
  /** Why it cannot be run on zeros, if so. */
  readonly trouble?: string
}

const times = 3

function zeros(inputs: readonly TensorInfo[], rows: number): Values {
  return Object.fromEntries(
    inputs.map(({ name, datatype, shape }) => {
      const size = shape.map((dimension, i) => (dimension !== -1 ? dimension : i === 0 ? rows : 1))
      const elements = size.reduce((product, one) => product * one, 1)
      return [name, { datatype, shape: size, data: allocate(datatype, elements) }]
    }),
  )
}

/**
 * Runs a model on zeros, with one row and with as many as a batch may have, so that no caller is the first: memory is there, and it is known
 * how long an execution takes. A model that does not take zeros is left cold, and says so.
 */
export async function warmUp(engine: Engine, batchable: boolean, maxBatch: number): Promise<Warmth> {
  const outputs = engine.info.outputs.map(({ name }) => name)
  const sizes = batchable ? [...new Set([1, 2, maxBatch])] : [1]
  const seen: Seen[] = []
  let batches = batchable
  try {
    for (const rows of sizes) {
      let [best, cpu] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      for (let i = 0; i < times; i++) {
        const start = performance.now()
        const values = await engine.run(zeros(engine.info.inputs, rows), outputs)
        best = Math.min(best, performance.now() - start)
        cpu = Math.min(cpu, engine.cpuMs ?? best)
        if (Object.values(values).some(({ shape }) => shape[0] !== rows)) batches = false
      }
      seen.push({ rows, ms: best, cpuMs: cpu })
    }
    return { seen, batches }
  } catch (error) {
    return { seen, batches: false, trouble: (error as Error).message.slice(0, 300) }
  }
}
