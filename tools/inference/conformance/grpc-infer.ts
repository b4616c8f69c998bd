import { grpc, must, should } from './bodies.ts'
import type { GrpcAnswer } from './grpc.ts'
import { grpcOf } from './grpc-health.ts'
import { expect, NotApplicable, type Requirement, shown, type Target } from './requirement.ts'
import { contentsField, encode, sample, type Tensor, type TensorMetadata } from './tensors.ts'

interface Metadata {
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
  readonly versions: readonly string[]
}

export interface InferAnswer {
  readonly modelName: string
  readonly modelVersion: string
  readonly id: string
  readonly outputs: readonly {
    readonly name: string
    readonly datatype: string
    readonly shape: readonly string[]
    readonly contents?: Readonly<Record<string, readonly unknown[]>> | null
  }[]
  readonly rawOutputContents: readonly Buffer[]
}

async function metadataOf(target: Target): Promise<Metadata> {
  const { code, message, response } = await grpcOf(target).call<Metadata>('ModelMetadata', { name: target.model })
  expect(response, `ModelMetadata: ${code} ${message}`)
  const numbers = (tensors: readonly TensorMetadata[]): TensorMetadata[] =>
    tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.map(Number) }))
  return { ...response, inputs: numbers(response.inputs), outputs: numbers(response.outputs) }
}

const header = ({ name, datatype, shape }: Tensor): object => ({ name, datatype, shape })

/** A tensor with its elements in the field of its datatype. */
export function typed(tensor: Tensor): object {
  const field = contentsField[tensor.datatype]
  if (field === undefined) throw new NotApplicable(`${tensor.datatype} has no typed contents.`)
  const values = tensor.values.map((value) => (typeof value === 'bigint' ? String(value) : value))
  const data = tensor.datatype === 'BYTES' ? values.map((value) => Buffer.from(String(value))) : values
  return { ...header(tensor), contents: { [field]: data } }
}

export const raw = (tensors: readonly Tensor[]): object => ({
  inputs: tensors.map(header),
  rawInputContents: tensors.map(({ datatype, values }) => encode(datatype, values)),
})

const infer = (target: Target, request: object): Promise<GrpcAnswer<InferAnswer>> =>
  grpcOf(target).call<InferAnswer>('ModelInfer', { modelName: target.model, ...request })

const tensorsOf = async (target: Target, rows = 2): Promise<Tensor[]> => sample((await metadataOf(target)).inputs, rows)

export function answered({ code, message, response }: GrpcAnswer<InferAnswer>): InferAnswer {
  expect(response, `Answered ${code}: ${message}`)
  return response
}

/** What the outputs hold, as text, whichever way it came. */
const contents = ({ outputs, rawOutputContents }: InferAnswer): string =>
  JSON.stringify(
    outputs.map(({ name, contents: given }, at) => [name, rawOutputContents[at]?.toString('base64') ?? given]),
  )

const refused = (wanted: readonly string[], make: (target: Target) => Promise<object>) => async (target: Target) => {
  const { code, message } = await infer(target, await make(target))
  expect(wanted.length === 0 ? code !== 'OK' : wanted.includes(code), `Answered ${code}: ${message}`)
}

const source = grpc('Inference')
const first = async (target: Target, change: (tensor: Tensor) => object): Promise<object> => {
  const [one, ...others] = await tensorsOf(target)
  return { inputs: [change(one as Tensor), ...others.map(typed)] }
}

const idComesBack = (wanted: string) => async (target: Target) => {
  const { id } = answered(await infer(target, { ...raw(await tensorsOf(target)), id: wanted }))
  expect(id === wanted, `It is ${shown(id)}`)
}

/** Inference over gRPC. */
export const grpcInfer: readonly Requirement[] = [
  must(
    'G20',
    'ModelInfer takes typed contents, and answers name, datatype and shape of every output.',
    source,
    async (target) => {
      const answer = answered(await infer(target, { inputs: (await tensorsOf(target)).map(typed) }))
      expect(answer.modelName === target.model, `model_name is ${shown(answer.modelName)}`)
      const { outputs } = await metadataOf(target)
      const seen = answer.outputs.map(({ name, datatype }) => ({ name, datatype }))
      const wanted = outputs.map(({ name, datatype }) => ({ name, datatype }))
      expect(
        JSON.stringify(seen) === JSON.stringify(wanted),
        `Outputs are ${shown(seen)} where the metadata says ${shown(wanted)}`,
      )
    },
  ),
  must('G21', 'Raw contents mean the same as typed ones.', source, async (target) => {
    const tensors = await tensorsOf(target)
    const one = answered(await infer(target, { inputs: tensors.map(typed) }))
    const other = answered(await infer(target, raw(tensors)))
    const shapes = (answer: InferAnswer): string => JSON.stringify(answer.outputs.map(({ shape }) => shape))
    expect(shapes(one) === shapes(other), `Shapes are ${shapes(one)} and ${shapes(other)}`)
    if (one.rawOutputContents.length === other.rawOutputContents.length)
      expect(contents(one) === contents(other), `${shown(contents(one))} and ${shown(contents(other))}`)
  }),
  must('G22', 'A response has raw contents for every output, or typed ones, never both.', source, async (target) => {
    for (const request of [{ inputs: (await tensorsOf(target)).map(typed) }, raw(await tensorsOf(target))]) {
      const { outputs, rawOutputContents } = answered(await infer(target, request))
      const typedOutputs = outputs.filter(
        ({ contents: given }) => given && Object.values(given).some((list) => list.length > 0),
      )
      expect(
        rawOutputContents.length === 0
          ? typedOutputs.length === outputs.length
          : rawOutputContents.length === outputs.length && typedOutputs.length === 0,
        `${outputs.length} outputs: ${rawOutputContents.length} raw, ${typedOutputs.length} typed`,
      )
    }
  }),
  must('G23', 'An id comes back.', source, idComesBack('42')),
  must('G27', 'An id of any letters comes back too.', source, idComesBack('a-ä-€-😀')),
  must('G24', 'A version that the metadata names is the one that answers.', source, async (target) => {
    const version = (await metadataOf(target)).versions.at(-1)
    if (version === undefined) throw new NotApplicable('The model has no version that can be asked for.')
    const { modelVersion } = answered(await infer(target, { ...raw(await tensorsOf(target)), modelVersion: version }))
    expect(modelVersion === version, `It is ${shown(modelVersion)}`)
  }),
  must('G25', 'Only the outputs that are asked for come.', source, async (target) => {
    for (const { name } of (await metadataOf(target)).outputs) {
      const { outputs } = answered(await infer(target, { ...raw(await tensorsOf(target)), outputs: [{ name }] }))
      expect(
        outputs.length === 1 && outputs[0]?.name === name,
        `For '${name}' come ${shown(outputs.map((one) => one.name))}`,
      )
    }
  }),
  must('G26', 'Parameters of a request, an input and an output may be given.', source, async (target) => {
    const parameters = {
      text: { stringParam: 'a' },
      number: { int64Param: 7 },
      truth: { boolParam: true },
      real: { doubleParam: 0.5 },
    }
    const { outputs } = await metadataOf(target)
    const inputs = (await tensorsOf(target)).map((tensor) => ({ ...typed(tensor), parameters }))
    answered(await infer(target, { parameters, inputs, outputs: outputs.map(({ name }) => ({ name, parameters })) }))
  }),
  must(
    'G30',
    'A model that is not there is an error.',
    source,
    refused([], async (target) => ({ ...raw(await tensorsOf(target)), modelName: 'a-model-that-is-not-there' })),
  ),
  should(
    'G31',
    'Its code is NOT_FOUND.',
    source,
    refused(['NOT_FOUND'], async (target) => ({
      ...raw(await tensorsOf(target)),
      modelName: 'a-model-that-is-not-there',
    })),
  ),
  must(
    'G32',
    'A version that is not there is an error.',
    source,
    refused([], async (target) => ({ ...raw(await tensorsOf(target)), modelVersion: '987654321' })),
  ),
  must(
    'G33',
    'A request without inputs is an error.',
    source,
    refused([], async () => ({})),
  ),
  must(
    'G34',
    'An input that the model does not have is an error.',
    source,
    refused([], (target) => first(target, (tensor) => typed({ ...tensor, name: 'nobody' }))),
  ),
  must(
    'G35',
    'Fewer elements than the shape says are an error.',
    source,
    refused([], (target) => first(target, (tensor) => typed({ ...tensor, values: tensor.values.slice(1) }))),
  ),
  must(
    'G36',
    'More elements than the shape says are an error.',
    source,
    refused([], (target) =>
      first(target, (tensor) => typed({ ...tensor, values: [...tensor.values, tensor.values[0]!] })),
    ),
  ),
  must(
    'G37',
    'Raw bytes that are not as many as shape and datatype say are an error.',
    source,
    refused([], async (target) => {
      const tensors = await tensorsOf(target)
      return {
        inputs: tensors.map(header),
        rawInputContents: tensors.map(({ datatype, values }) => encode(datatype, values).subarray(1)),
      }
    }),
  ),
  must(
    'G38',
    'Raw contents for only some inputs, or for more than there are, are an error.',
    source,
    refused([], async (target) => {
      const tensors = await tensorsOf(target)
      const all = tensors.map(({ datatype, values }) => encode(datatype, values))
      return { inputs: tensors.map(header), rawInputContents: [...all, all[0]] }
    }),
  ),
  must(
    'G39',
    'Typed and raw contents at once are an error.',
    source,
    refused([], async (target) => {
      const tensors = await tensorsOf(target)
      return { ...raw(tensors), inputs: tensors.map(typed) }
    }),
  ),
  must(
    'G40',
    'A datatype that the protocol does not have is an error.',
    source,
    refused([], (target) => first(target, (tensor) => ({ ...typed(tensor), datatype: 'FP7' }))),
  ),
  must(
    'G41',
    'An output that the model does not have is an error.',
    source,
    refused([], async (target) => ({ ...raw(await tensorsOf(target)), outputs: [{ name: 'nobody' }] })),
  ),
  should(
    'G42',
    'What a client does wrong is INVALID_ARGUMENT.',
    source,
    refused(['INVALID_ARGUMENT'], (target) =>
      first(target, (tensor) => typed({ ...tensor, values: tensor.values.slice(1) })),
    ),
  ),
  must('G43', 'After all of these the model still answers.', source, async (target) => {
    answered(await infer(target, raw(await tensorsOf(target))))
  }),
]
