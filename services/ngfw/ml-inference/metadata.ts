import type { Model } from './serving/model.ts'
import type { Repository } from './serving/repository.ts'

/** Who answers, as both protocols tell it. */
export const serverMetadata = {
  name: 'neurodefender-ml-inference',
  version: '1',
  extensions: ['binary_tensor_data', 'model_repository'],
} as const

/** What a model is, as both protocols tell it. */
export const modelMetadata = ({ name, info }: Model, repository: Pick<Repository, 'versions'>) => ({
  name,
  versions: repository.versions(name),
  platform: 'onnx_onnxv1',
  inputs: info.inputs,
  outputs: info.outputs,
})
