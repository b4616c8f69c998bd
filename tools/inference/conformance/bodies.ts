import { expect, isList, isObject, type Json, type Requirement, shown, type Target } from './requirement.ts'
import type { RestAnswer } from './rest.ts'
import { elementsJson, isDatatype, sample, sizes, type Tensor, type TensorMetadata } from './tensors.ts'

/** Sources of the requirements. */
export const rest = (section: string): string => `Open Inference Protocol, HTTP/REST, "${section}"`
export const grpc = (section: string): string => `Open Inference Protocol, gRPC, "${section}"`
export const repository = (section: string): string => `Triton, Model Repository Extension, "${section}"`
export const binary = 'Triton, Binary Tensor Data Extension'

export const must = (id: string, says: string, source: string, check: Requirement['check']): Requirement => ({
  id,
  level: 'must',
  says,
  source,
  check,
})
export const should = (id: string, says: string, source: string, check: Requirement['check']): Requirement => ({
  ...must(id, says, source, check),
  level: 'should',
})

const tensorMetadata = (given: unknown, what: string): TensorMetadata[] => {
  expect(isList(given) && given.length > 0, `'${what}' is no list with a tensor: ${shown(given)}`)
  return given.map((one) => {
    expect(isObject(one) && typeof one.name === 'string', `A tensor of '${what}' has no name: ${shown(one)}`)
    expect(isDatatype(one.datatype), `'${one.name}' has no datatype of the protocol: ${shown(one.datatype)}`)
    expect(isList(one.shape) && one.shape.every(Number.isInteger), `'${one.name}' has no shape: ${shown(one.shape)}`)
    return { name: one.name, datatype: one.datatype, shape: one.shape as number[] }
  })
}

export interface ModelMetadata {
  readonly versions: readonly string[] | undefined
  readonly platform: unknown
  readonly name: unknown
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
}

/** A model's metadata, checked to be what the protocol says. */
export async function metadataOf({ rest }: Target, path: string): Promise<ModelMetadata> {
  const { status, json, body } = await rest.get(path)
  expect(status === 200 && isObject(json), `GET ${path} answered ${status}: ${shown(body)}`)
  const { name, platform, versions } = json
  expect(
    versions === undefined || (isList(versions) && versions.every((one) => typeof one === 'string')),
    `'versions' is no list of texts: ${shown(versions)}`,
  )
  return {
    name,
    platform,
    versions: versions as readonly string[] | undefined,
    inputs: tensorMetadata(json.inputs, 'inputs'),
    outputs: tensorMetadata(json.outputs, 'outputs'),
  }
}

export const modelPath = ({ model }: Target): string => `v2/models/${model}`

/** A tensor as a request carries it in JSON; with `data` in place of its elements where given. */
export const tensorJson = ({ name, datatype, shape, values }: Tensor, data = elementsJson(values)): string =>
  `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":${JSON.stringify(shape)},"data":${data}}`

/** The text of a request. `rest`: further members, from a comma on. */
export const requestJson = (tensors: readonly Tensor[], more = ''): string =>
  `{"inputs":[${tensors.map((tensor) => tensorJson(tensor)).join(',')}]${more}}`

/** `rows` rows for the model under check. */
export async function sampleOf(target: Target, rows = 2): Promise<Tensor[]> {
  return sample((await metadataOf(target, modelPath(target))).inputs, rows)
}

export interface Output {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data: unknown
  readonly parameters: unknown
}

export const flat = (data: unknown): unknown[] => (isList(data) ? data.flatMap(flat) : [data])

/** The outputs of a good answer, each checked: name, datatype, shape, and as many elements as the shape says where they are in JSON. */
export function outputsOf({ status, json, body }: RestAnswer): { answer: Json; outputs: Output[] } {
  expect(status === 200, `Answered ${status}: ${shown(body)}`)
  return outputsIn(json)
}

export function outputsIn(json: unknown): { answer: Json; outputs: Output[] } {
  expect(isObject(json) && isList(json.outputs), `No 'outputs': ${shown(json)}`)
  const outputs = json.outputs.map((one): Output => {
    expect(isObject(one) && typeof one.name === 'string', `An output without a name: ${shown(one)}`)
    expect(isDatatype(one.datatype), `'${one.name}' has no datatype of the protocol: ${shown(one.datatype)}`)
    const { shape } = one
    expect(isList(shape) && shape.every(Number.isInteger), `'${one.name}' has no shape: ${shown(shape)}`)
    const count = (shape as number[]).reduce((a, b) => a * b, 1)
    const parameters = isObject(one.parameters) ? one.parameters : {}
    if (parameters.binary_data_size === undefined)
      expect(
        isList(one.data) && flat(one.data).length === count,
        `'${one.name}' of shape ${shown(shape)} has the data ${shown(one.data)}`,
      )
    const size = sizes[one.datatype]
    if (parameters.binary_data_size !== undefined && size !== undefined)
      expect(
        parameters.binary_data_size === count * size,
        `'${one.name}' of shape ${shown(shape)} says binary_data_size ${shown(parameters.binary_data_size)}`,
      )
    return { name: one.name, datatype: one.datatype, shape: shape as number[], data: one.data, parameters }
  })
  return { answer: json, outputs }
}

/** A refusal by the protocol: an error status, and what is wrong under `error`. */
export function refused({ status, json, body }: RestAnswer, least = 400, most = 499): void {
  expect(status >= least && status <= most, `Answered ${status}: ${shown(body)}`)
  expect(
    isObject(json) && typeof json.error === 'string' && json.error !== '',
    `${status} without 'error': ${shown(body)}`,
  )
}
