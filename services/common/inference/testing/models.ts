import { type Datatype, onnxModel, type Value } from './onnx-model.ts'

const batch = 'batch'

/** Gives `input` back as `output`: `[-1, width]` of one datatype. */
export const echoModel = (datatype: Datatype, width = 4): Uint8Array =>
  onnxModel({
    inputs: [{ name: 'input', datatype, shape: [batch, width] }],
    outputs: [{ name: 'output', datatype, shape: [batch, width] }],
    operations: [{ op: 'Identity', inputs: ['input'], outputs: ['output'] }],
  })

/** What the flow classifier takes and gives, with so many features. @see docs/inference-model.md */
const classifier = (features: number): { inputs: readonly Value[]; outputs: readonly Value[] } => ({
  inputs: [{ name: 'flows', datatype: 'FP32', shape: [batch, features] }],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [batch] },
    { name: 'probabilities', datatype: 'FP32', shape: [batch, 2] },
  ],
})

/** Of `score` (FP32, `[batch, 1]`): the classifier's two outputs. */
const answer = [
  { op: 'Sigmoid', inputs: ['score'], outputs: ['attack'] },
  { op: 'Sub', inputs: ['one', 'attack'], outputs: ['benign'] },
  { op: 'Concat', inputs: ['benign', 'attack'], outputs: ['probabilities'], attributes: { axis: 1 } },
  { op: 'ArgMax', inputs: ['probabilities'], outputs: ['label'], attributes: { axis: 1, keepdims: 0 } },
] as const

const one = { name: 'one', datatype: 'FP32', shape: [1], values: [1] } as const

/**
 * A bad version of the flow classifier for a canary: loads, answers flows of zeros (so that it passes a warm-up), and fails on any other:
 * an index of a Gather is out of its bounds.
 */
export const failingModel = (features: number): Uint8Array =>
  onnxModel({
    ...classifier(features),
    constants: [
      one,
      { name: 'zero', datatype: 'FP32', shape: [1], values: [0] },
      { name: 'beyond', datatype: 'INT64', shape: [1], values: [1_000_000] },
      { name: 'columns', datatype: 'INT64', shape: [1], values: [1] },
    ],
    operations: [
      { op: 'Abs', inputs: ['flows'], outputs: ['size'] },
      { op: 'ReduceSum', inputs: ['size', 'columns'], outputs: ['score'], attributes: { keepdims: 1 } },
      { op: 'ReduceMax', inputs: ['score'], outputs: ['largest'], attributes: { keepdims: 0 } },
      { op: 'Greater', inputs: ['largest', 'zero'], outputs: ['given'] },
      { op: 'Cast', inputs: ['given'], outputs: ['index'], attributes: { to: 7 } },
      { op: 'Mul', inputs: ['index', 'beyond'], outputs: ['row'] },
      { op: 'Gather', inputs: ['zero', 'row'], outputs: ['nothing'] },
      { op: 'Add', inputs: ['score', 'nothing'], outputs: ['unused'] },
      { op: 'Sigmoid', inputs: ['unused'], outputs: ['attack'] },
      ...answer.slice(1),
    ],
  })

/**
 * A bad version of the flow classifier that answers late: `products` products of matrices of 384 by 384 for each request, about a millisecond
 * of one core each.
 */
export function slowModel(features: number, products: number): Uint8Array {
  const side = 384
  const chain = Array.from({ length: products }, (_, n) => ({
    op: 'MatMul',
    inputs: [`m${n}`, 'm0'],
    outputs: [`m${n + 1}`],
  }))
  return onnxModel({
    ...classifier(features),
    constants: [
      one,
      { name: 'columns', datatype: 'INT64', shape: [1], values: [1] },
      { name: 'square', datatype: 'INT64', shape: [2], values: [side, side] },
      // So small that no product overflows, and never folded away: it hangs on the input.
      { name: 'tiny', datatype: 'FP32', shape: [1], values: [1e-9] },
    ],
    operations: [
      { op: 'ReduceSum', inputs: ['flows', 'columns'], outputs: ['sums'], attributes: { keepdims: 1 } },
      { op: 'ReduceMax', inputs: ['sums'], outputs: ['largest'], attributes: { keepdims: 0 } },
      { op: 'Tanh', inputs: ['largest'], outputs: ['bounded'] },
      { op: 'Mul', inputs: ['bounded', 'tiny'], outputs: ['small'] },
      { op: 'Expand', inputs: ['small', 'square'], outputs: ['m0'] },
      ...chain,
      { op: 'ReduceMax', inputs: [`m${products}`], outputs: ['late'], attributes: { keepdims: 0 } },
      { op: 'Add', inputs: ['sums', 'late'], outputs: ['score'] },
      ...answer,
    ],
  })
}
