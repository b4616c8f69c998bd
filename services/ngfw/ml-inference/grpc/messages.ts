import protobuf from 'protobufjs/light.js'

type Field = readonly [id: number, type: string, rule?: 'repeated']
type MapField = readonly [id: number, map: { readonly value: string }]

const fields = (of: Readonly<Record<string, Field | MapField>>) =>
  Object.fromEntries(
    Object.entries(of).map(([name, [id, type, rule]]) => [
      name,
      typeof type === 'object'
        ? { id, keyType: 'string', type: type.value }
        : { id, type, ...(rule === undefined ? {} : { rule }) },
    ]),
  )

const message = (of: Readonly<Record<string, Field | MapField>>, nested?: Readonly<Record<string, object>>) => ({
  fields: fields(of),
  ...(nested === undefined ? {} : { nested }),
})

const parameters = { value: 'InferParameter' }
const tensor = message({
  name: [1, 'string'],
  datatype: [2, 'string'],
  shape: [3, 'int64', 'repeated'],
  parameters: [4, parameters],
  contents: [5, 'InferTensorContents'],
})
const modelName = { name: [1, 'string'], version: [2, 'string'] } as const
const oneOf = (names: readonly string[]) => ({ oneofs: { parameter_choice: { oneof: names } } })

/**
 * The messages of the Open Inference Protocol, numbers and types as published; Triton's service is a superset with the same ones.
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto
 */
const inference = {
  ServerLiveRequest: message({}),
  ServerLiveResponse: message({ live: [1, 'bool'] }),
  ServerReadyRequest: message({}),
  ServerReadyResponse: message({ ready: [1, 'bool'] }),
  ModelReadyRequest: message(modelName),
  ModelReadyResponse: message({ ready: [1, 'bool'] }),
  ServerMetadataRequest: message({}),
  ServerMetadataResponse: message({
    name: [1, 'string'],
    version: [2, 'string'],
    extensions: [3, 'string', 'repeated'],
  }),
  ModelMetadataRequest: message(modelName),
  ModelMetadataResponse: message(
    {
      name: [1, 'string'],
      versions: [2, 'string', 'repeated'],
      platform: [3, 'string'],
      inputs: [4, 'TensorMetadata', 'repeated'],
      outputs: [5, 'TensorMetadata', 'repeated'],
    },
    { TensorMetadata: message({ name: [1, 'string'], datatype: [2, 'string'], shape: [3, 'int64', 'repeated'] }) },
  ),
  InferParameter: {
    ...oneOf(['bool_param', 'int64_param', 'string_param', 'double_param', 'uint64_param']),
    ...message({
      bool_param: [1, 'bool'],
      int64_param: [2, 'int64'],
      string_param: [3, 'string'],
      double_param: [4, 'double'],
      uint64_param: [5, 'uint64'],
    }),
  },
  InferTensorContents: message({
    bool_contents: [1, 'bool', 'repeated'],
    int_contents: [2, 'int32', 'repeated'],
    int64_contents: [3, 'int64', 'repeated'],
    uint_contents: [4, 'uint32', 'repeated'],
    uint64_contents: [5, 'uint64', 'repeated'],
    fp32_contents: [6, 'float', 'repeated'],
    fp64_contents: [7, 'double', 'repeated'],
    bytes_contents: [8, 'bytes', 'repeated'],
  }),
  ModelInferRequest: message(
    {
      model_name: [1, 'string'],
      model_version: [2, 'string'],
      id: [3, 'string'],
      parameters: [4, parameters],
      inputs: [5, 'InferInputTensor', 'repeated'],
      outputs: [6, 'InferRequestedOutputTensor', 'repeated'],
      raw_input_contents: [7, 'bytes', 'repeated'],
    },
    {
      InferInputTensor: tensor,
      InferRequestedOutputTensor: message({ name: [1, 'string'], parameters: [2, parameters] }),
    },
  ),
  ModelInferResponse: message(
    {
      model_name: [1, 'string'],
      model_version: [2, 'string'],
      id: [3, 'string'],
      parameters: [4, parameters],
      outputs: [5, 'InferOutputTensor', 'repeated'],
      raw_output_contents: [6, 'bytes', 'repeated'],
    },
    { InferOutputTensor: tensor },
  ),
  ModelRepositoryParameter: {
    ...oneOf(['bool_param', 'int64_param', 'string_param', 'bytes_param']),
    ...message({
      bool_param: [1, 'bool'],
      int64_param: [2, 'int64'],
      string_param: [3, 'string'],
      bytes_param: [4, 'bytes'],
    }),
  },
  RepositoryIndexRequest: message({ repository_name: [1, 'string'], ready: [2, 'bool'] }),
  RepositoryIndexResponse: message(
    { models: [1, 'ModelIndex', 'repeated'] },
    {
      ModelIndex: message({
        name: [1, 'string'],
        version: [2, 'string'],
        state: [3, 'string'],
        reason: [4, 'string'],
      }),
    },
  ),
  RepositoryModelLoadRequest: message({
    repository_name: [1, 'string'],
    model_name: [2, 'string'],
    parameters: [3, { value: 'ModelRepositoryParameter' }],
  }),
  RepositoryModelLoadResponse: message({}),
  RepositoryModelUnloadRequest: message({
    repository_name: [1, 'string'],
    model_name: [2, 'string'],
    parameters: [3, { value: 'ModelRepositoryParameter' }],
  }),
  RepositoryModelUnloadResponse: message({}),
}

/** @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const health = {
  HealthCheckRequest: message({ service: [1, 'string'] }),
  HealthCheckResponse: message({ status: [1, 'int32'] }),
}

const root = protobuf.Root.fromJSON({
  nested: {
    inference: { nested: inference },
    grpc: { nested: { health: { nested: { v1: { nested: health } } } } },
  },
} as protobuf.INamespace)

export type MessageName = keyof typeof inference | keyof typeof health

/** A message's type, by its name without the package. */
const typeOf = (name: MessageName): protobuf.Type =>
  root.lookupType(name in health ? `grpc.health.v1.${name}` : `inference.${name}`)

/** Reads the fields of a message one by one. */
export const readerOf = (bytes: Uint8Array): protobuf.Reader => protobuf.Reader.create(bytes)

/** Bytes of fields lie on the bytes that are given. Throws on bytes that are no such message. */
export const decode = <T>(name: MessageName, bytes: Uint8Array): T => typeOf(name).decode(bytes) as unknown as T

/** Takes a plain object with the fields' names in the published spelling. */
export const encode = (name: MessageName, value: object): Uint8Array => {
  const type = typeOf(name)
  return type.encode(type.fromObject(value)).finish()
}
