import type { Engine, ModelInfo, Values } from '../engine/engine.ts'
import { Model, type ModelOptions } from '../serving/model.ts'

const info: ModelInfo = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [
    { name: 'double', datatype: 'FP32', shape: [-1, 2] },
    { name: 'sum', datatype: 'FP64', shape: [-1] },
  ],
  provider: 'cpu',
}

/** Doubles `x` and sums its rows; fails on a row that begins with -1. Counts executions; ends one when `release` is called, if held. */
export class FakeEngine implements Engine {
  readonly info: ModelInfo
  readonly rows: number[] = []
  closed = false
  #held: Promise<void> | undefined
  release: () => void = () => {}

  constructor(own: Partial<ModelInfo> = {}) {
    this.info = { ...info, ...own }
  }

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.release = () => {
        this.#held = undefined
        resolve()
      }
    })
  }

  async run(inputs: Values, outputs: readonly string[]): Promise<Values> {
    const { data, shape } = inputs.x!
    const numbers = [...(data as Float32Array)]
    const rows = shape[0]!
    this.rows.push(rows)
    await this.#held
    if (numbers.some((value, i) => i % 2 === 0 && value === -1)) throw new Error('index out of bounds')
    const sums = Array.from({ length: rows }, (_, i) => numbers[2 * i]! + numbers[2 * i + 1]!)
    const all: Values = {
      double: { datatype: 'FP32', shape: [rows, 2], data: Float32Array.from(numbers, (n) => 2 * n) },
      sum: { datatype: 'FP64', shape: [rows], data: Float64Array.from(sums) },
    }
    return Object.fromEntries(outputs.map((name) => [name, all[name]!]))
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

/** A model around an engine, without limits that a test does not ask for. */
export const modelOf = (engine: Engine, more: Partial<ModelOptions> = {}): Model =>
  new Model({
    name: 'm',
    version: '1',
    engine,
    warmth: { seen: [], batches: true },
    maxBatch: 8,
    maxDelayMs: 0,
    maxQueue: 100,
    budgetMs: 1_000,
    ...more,
  })
