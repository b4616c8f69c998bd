import { grpc, must } from './bodies.ts'
import type { Grpc } from './grpc.ts'
import { expect, isList, NotApplicable, type Requirement, shown, type Target } from './requirement.ts'
import { isDatatype } from './tensors.ts'

/** The server's gRPC interface; not applicable where none is given. */
export function grpcOf({ grpc: given }: Target): Grpc {
  if (given === undefined) throw new NotApplicable('No address for gRPC is given.')
  return given
}

interface Flag {
  readonly live?: boolean
  readonly ready?: boolean
}

interface Metadata {
  readonly name: string
  readonly version?: string
  readonly versions?: readonly string[]
  readonly platform?: string
  readonly extensions?: readonly string[]
  readonly inputs: readonly { name: string; datatype: string; shape: readonly string[] }[]
  readonly outputs: readonly { name: string; datatype: string; shape: readonly string[] }[]
}

const nobody = 'a-model-that-is-not-there'

async function version(target: Target): Promise<string> {
  const { response } = await grpcOf(target).call<Metadata>('ModelMetadata', { name: target.model })
  const one = response?.versions?.at(-1)
  if (one === undefined) throw new NotApplicable('The model has no version that can be asked for.')
  return one
}

const notReady = (request: (target: Target) => Promise<object>) => async (target: Target) => {
  const { code, response } = await grpcOf(target).call<Flag>('ModelReady', await request(target))
  expect(code !== 'OK' || response?.ready === false, `Answered ${code}, ready: ${shown(response?.ready)}`)
}

/** Health and metadata over gRPC. */
export const grpcHealth: readonly Requirement[] = [
  must('G1', 'ServerLive answers live.', grpc('Server Live'), async (target) => {
    const { code, response } = await grpcOf(target).call<Flag>('ServerLive', {})
    expect(response?.live === true, `Answered ${code}: ${shown(response)}`)
  }),
  must('G2', 'ServerReady answers ready when all models are.', grpc('Server Ready'), async (target) => {
    const { code, response } = await grpcOf(target).call<Flag>('ServerReady', {})
    expect(response?.ready === true, `Answered ${code}: ${shown(response)}`)
  }),
  must('G3', 'ModelReady answers ready for a model that is.', grpc('Model Ready'), async (target) => {
    const { code, response } = await grpcOf(target).call<Flag>('ModelReady', { name: target.model })
    expect(response?.ready === true, `Answered ${code}: ${shown(response)}`)
  }),
  must('G4', 'Likewise for a version in its metadata.', grpc('Model Ready'), async (target) => {
    const request = { name: target.model, version: await version(target) }
    const { code, response } = await grpcOf(target).call<Flag>('ModelReady', request)
    expect(response?.ready === true, `Answered ${code}: ${shown(response)}`)
  }),
  must(
    'G5',
    'A model that is not there is not ready, or an error.',
    grpc('Model Ready'),
    notReady(async () => ({ name: nobody })),
  ),
  must(
    'G6',
    'Nor is a version that is not there.',
    grpc('Model Ready'),
    notReady(async (target) => {
      await version(target)
      return { name: target.model, version: '987654321' }
    }),
  ),
  must(
    'G7',
    'ServerMetadata answers name, version and extensions, the same as REST.',
    grpc('Server Metadata'),
    async (target) => {
      const { code, response } = await grpcOf(target).call<Metadata>('ServerMetadata', {})
      expect(response?.name && response.version && isList(response.extensions), `Answered ${code}: ${shown(response)}`)
      const { json } = await target.rest.get('v2')
      const said = JSON.stringify({ name: response.name, version: response.version, extensions: response.extensions })
      const { name, version: restVersion, extensions } = json as Record<string, unknown>
      const rest = JSON.stringify({ name, version: restVersion, extensions })
      expect(said === rest, `gRPC says ${said}, REST ${rest}`)
    },
  ),
  must(
    'G8',
    'ModelMetadata answers name, platform, inputs and outputs, the same as REST.',
    grpc('Model Metadata'),
    async (target) => {
      const { code, message, response } = await grpcOf(target).call<Metadata>('ModelMetadata', { name: target.model })
      expect(response, `Answered ${code}: ${message}`)
      const tensors = [...response.inputs, ...response.outputs]
      expect(
        tensors.length >= 2 && tensors.every(({ datatype }) => isDatatype(datatype)),
        `Tensors are ${shown(tensors)}`,
      )
      const { json } = await target.rest.get(`v2/models/${target.model}`)
      const seen = (given: Metadata): string =>
        JSON.stringify([
          given.name,
          given.platform,
          [...given.inputs, ...given.outputs].map(({ name, datatype, shape }) => [name, datatype, shape.map(Number)]),
        ])
      expect(seen(response) === seen(json as Metadata), `gRPC says ${seen(response)}, REST ${seen(json as Metadata)}`)
    },
  ),
  must('G9', 'ModelMetadata of a model that is not there is an error.', grpc('Model Metadata'), async (target) => {
    const { code } = await grpcOf(target).call('ModelMetadata', { name: nobody })
    expect(code !== 'OK', 'Answered OK')
  }),
  must('G10', 'Likewise of a version that is not there.', grpc('Model Metadata'), async (target) => {
    await version(target)
    const { code } = await grpcOf(target).call('ModelMetadata', { name: target.model, version: '987654321' })
    expect(code !== 'OK', 'Answered OK')
  }),
]
