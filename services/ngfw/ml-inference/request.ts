import type { Span } from '../../common/tracing/span.ts'
import type { ModelInfo, TensorInfo } from './engine/engine.ts'
import { InferenceError } from './errors.ts'
import type { Tensor } from './tensor/tensor.ts'

/** What a caller asks of a model, whichever way it came. */
export interface InferRequest {
  readonly id: string | undefined
  readonly inputs: readonly Tensor[]
  /** Names of the outputs that are wanted; none named: all. */
  readonly outputs: readonly string[]
  /** `performance.now()` at which an answer is of no use any more; Infinity for never. */
  readonly deadlineAt: number
  /** Of a request that is in a trace. */
  readonly span?: Span | undefined
}

export interface InferAnswer {
  readonly model: string
  readonly version: string
  readonly id: string | undefined
  readonly outputs: readonly Tensor[]
}

const invalid = (message: string) => new InferenceError('INVALID', message)
const shown = (shape: readonly number[]) => `[${shape.join(', ')}]`

/** Whether every input and output has its first dimension free: then requests can share an execution, one behind the other. */
export const isBatchable = ({ inputs, outputs }: ModelInfo): boolean =>
  inputs.length > 0 && [...inputs, ...outputs].every(({ shape }) => shape[0] === -1)

/** What a request is to the batcher: its rows, what it can share an execution with, its inputs in the model's order, and its outputs. */
export interface Admitted {
  readonly rows: number
  readonly key: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly string[]
}

/** Holds a request against the model. Throws InferenceError INVALID with the first thing that is wrong. */
export function admit(request: InferRequest, info: ModelInfo, batchable: boolean): Admitted {
  const { inputs } = request
  const ordered = info.inputs.map((wanted) => {
    const given = inputs.filter(({ name }) => name === wanted.name)
    if (given.length !== 1)
      throw invalid(`The input '${wanted.name}' is there ${given.length} times; it must be there once.`)
    check(given[0]!, wanted)
    return given[0]!
  })
  if (inputs.length > ordered.length) {
    const known = info.inputs.map(({ name }) => name)
    const strange = inputs.find(({ name }) => !known.includes(name))
    throw invalid(`The model has no input '${strange?.name.slice(0, 100)}'. It has: ${known.join(', ')}.`)
  }
  const names = info.outputs.map(({ name }) => name)
  for (const name of request.outputs)
    if (!names.includes(name))
      throw invalid(`The model has no output '${name.slice(0, 100)}'. It has: ${names.join(', ')}.`)
  if (new Set(request.outputs).size < request.outputs.length) throw invalid('An output is wanted twice.')
  const outputs = request.outputs.length > 0 ? request.outputs : names
  if (!batchable) return { rows: 1, key: '', inputs: ordered, outputs }
  const rows = ordered[0]!.shape[0]!
  const other = ordered.find(({ shape }) => shape[0] !== rows)
  if (other)
    throw invalid(`The inputs '${ordered[0]!.name}' and '${other.name}' differ in their first dimension, the batch.`)
  if (rows === 0) throw invalid('The first dimension of the inputs, the batch, must be at least 1.')
  return { rows, key: ordered.map(({ shape }) => shape.slice(1).join()).join(';'), inputs: ordered, outputs }
}

function check({ name, datatype, shape }: Tensor, wanted: TensorInfo): void {
  if (datatype !== wanted.datatype)
    throw invalid(`The input '${name}' is ${datatype}; the model takes ${wanted.datatype}.`)
  const fits = shape.length === wanted.shape.length && wanted.shape.every((size, i) => size === -1 || size === shape[i])
  if (!fits)
    throw invalid(
      `The input '${name}' has the shape ${shown(shape)}; the model takes ${shown(wanted.shape)}, -1 being any.`,
    )
}
