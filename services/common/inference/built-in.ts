import type { Model } from '../../../policies/model/ml-inference.ts'

/** Where the runtime's image carries the flow classifier: one folder for each version. */
const builtInFolder = '/models/flow-classifier'

/** The model that a resource gets which names none: the image of the runtime carries it, so it needs no store. */
export const builtInModel: Model = {
  version: '1',
  uri: `file://${builtInFolder}/1/model.onnx`,
  sha256: '532f1787149100f1e14ae3d5d361f1be2ddceead43276d4cacb8b763b9c9f176',
  format: 'onnx',
}
