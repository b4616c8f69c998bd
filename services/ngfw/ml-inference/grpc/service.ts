import { during, ended, type Span } from '../../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../../common/tracing/tracer.ts'
import { InferenceError } from '../errors.ts'
import { modelMetadata, serverMetadata } from '../metadata.ts'
import type { Repository } from '../serving/repository.ts'
import { readInferRequest, writeInferResponse } from './infer.ts'
import { decode, encode, type MessageName } from './messages.ts'
import type { Methods } from './server.ts'

export interface ServiceOptions {
  readonly repository: Repository
  readonly ready: () => boolean
  readonly live: () => boolean
  /** Whether callers may load and unload models. */
  readonly control: boolean
  /** Of a request, what may be other than raw contents. */
  readonly maxTextBytes: number
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
}

interface Named {
  readonly name: string
  readonly version: string
}
interface Control {
  readonly model_name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/** grpc.health.v1: SERVING and NOT_SERVING. */
const serving = (is: boolean) => ({ status: is ? 1 : 2 })
const inferenceService = 'inference.GRPCInferenceService'

/** The Open Inference Protocol over gRPC, and gRPC's own health protocol. */
export function grpcMethods(options: ServiceOptions): Methods {
  const { repository, ready, live, control, maxTextBytes, tracer = untraced } = options
  const unary =
    <T>(request: MessageName, response: MessageName, answer: (asked: T) => object | Promise<object>) =>
    async (bytes: Uint8Array) =>
      encode(response, await answer(read<T>(request, bytes)))
  const controlled = (act: (name: string) => Promise<void>) => async (asked: Control) => {
    if (!control) throw new InferenceError('FORBIDDEN', 'Models are loaded and unloaded by the model list alone here.')
    const strange = Object.keys(asked.parameters).find((key) => key !== 'unload_dependents')
    if (strange)
      throw new InferenceError(
        'UNIMPLEMENTED',
        `parameters.${strange.slice(0, 40)}: a model is what the model list says.`,
      )
    await act(asked.model_name)
    return {}
  }
  const infer = async (bytes: Uint8Array, deadlineAt: number, signal: AbortSignal, span: Span | undefined) => {
    const request = during(span, 'parse', () => readInferRequest(bytes, performance.now(), deadlineAt, maxTextBytes))
    const model = repository.find(request.model, request.version)
    span?.set({ 'nd.model': model.name, 'nd.model.version': model.version })
    return writeInferResponse(
      await model.infer(span === undefined ? request : { ...request, span }, signal),
      request.raw,
    )
  }
  const service = {
    ServerLive: unary('ServerLiveRequest', 'ServerLiveResponse', () => ({ live: live() })),
    ServerReady: unary('ServerReadyRequest', 'ServerReadyResponse', () => ({ ready: ready() })),
    ModelReady: unary('ModelReadyRequest', 'ModelReadyResponse', ({ name, version }: Named) => ({
      ready: isReady(repository, name, version),
    })),
    ServerMetadata: unary('ServerMetadataRequest', 'ServerMetadataResponse', () => serverMetadata),
    ModelMetadata: unary('ModelMetadataRequest', 'ModelMetadataResponse', ({ name, version }: Named) =>
      modelMetadata(repository.find(name, version), repository),
    ),
    ModelInfer: (bytes, deadlineAt, signal, headers) => {
      const span = tracer.begin('infer', headers, { kind: 'server' })
      return ended(span, infer(bytes, deadlineAt, signal, span))
    },
    RepositoryIndex: unary(
      'RepositoryIndexRequest',
      'RepositoryIndexResponse',
      (asked: { readonly ready: boolean }) => ({
        models: repository.index().filter(({ state }) => !asked.ready || state === 'READY'),
      }),
    ),
    RepositoryModelLoad: unary(
      'RepositoryModelLoadRequest',
      'RepositoryModelLoadResponse',
      controlled((name) => repository.load(name)),
    ),
    RepositoryModelUnload: unary(
      'RepositoryModelUnloadRequest',
      'RepositoryModelUnloadResponse',
      controlled((name) => repository.unload(name)),
    ),
  } satisfies Methods
  const check = unary(
    'HealthCheckRequest',
    'HealthCheckResponse',
    ({ service: name }: { readonly service: string }) => {
      if (name !== '' && name !== inferenceService)
        throw new InferenceError('NOT_FOUND', `There is no service '${name.slice(0, 100)}'.`)
      return serving(ready())
    },
  )
  const named = Object.entries(service).map(([method, answer]) => [`/${inferenceService}/${method}`, answer] as const)
  return { ...Object.fromEntries(named), '/grpc.health.v1.Health/Check': check }
}

/** What nobody has heard of is not ready: Triton's client asks before it knows. */
function isReady(repository: Repository, name: string, version: string): boolean {
  try {
    return repository.isReady(name, version)
  } catch (error) {
    if (error instanceof InferenceError && error.code === 'NOT_FOUND') return false
    throw error
  }
}

/** Of messages that carry no tensors. */
const maxSmallBytes = 65_536

function read<T>(name: MessageName, bytes: Uint8Array): T {
  if (bytes.length > maxSmallBytes)
    throw new InferenceError('TOO_LARGE', `A ${name} has at most ${maxSmallBytes} bytes.`)
  try {
    return decode<T>(name, bytes)
  } catch (cause) {
    throw new InferenceError('INVALID', `The message is no ${name}.`, { cause })
  }
}
