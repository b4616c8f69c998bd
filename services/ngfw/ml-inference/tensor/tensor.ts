import { InferenceError } from '../errors.ts'
import type { Datatype, TensorData } from './datatypes.ts'

/** A tensor of a request or an answer: `data` has as many elements as the shape's product. */
export interface Tensor {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** More elements than any body can hold: a product that would lose its exactness ends here. */
const maxElements = 2 ** 40
/** The most dimensions. */
export const maxRank = 32

/** How many elements a shape has. Throws InferenceError INVALID for one that is none, with `at` as its place. */
export function elementsOf(shape: readonly unknown[], at: string): number {
  if (shape.length > maxRank) throw new InferenceError('INVALID', `${at} has more than ${maxRank} dimensions.`)
  let elements = 1
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || (dimension as number) < 0)
      throw new InferenceError('INVALID', `${at} must hold whole numbers from 0.`)
    elements *= dimension as number
    if (elements > maxElements) throw new InferenceError('INVALID', `${at} has more elements than a request can hold.`)
  }
  return elements
}
