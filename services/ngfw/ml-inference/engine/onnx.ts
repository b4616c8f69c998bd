import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { type Datatype, datatypeOf, ortType, type TensorData } from '../tensor/datatypes.ts'
import type { Engine, EngineOptions, EngineTensor, ModelInfo, Provider, TensorInfo, Values } from './engine.ts'

type Ort = typeof import('onnxruntime-node')
/** Native code: it lies beside the bundle, not in it. */
function ort(): Ort {
  const runtime = createRequire(import.meta.url)('onnxruntime-node') as Ort
  // What fails is an exception too, and its line is none of ours.
  runtime.env.logLevel = 'fatal'
  return runtime
}

// The official builds for Linux tell their maker the names and hashes of models, unless the real environment forbids it before the library is
// there. A worker's environment is a copy: this is for the main thread, which imports this first. https://github.com/microsoft/onnxruntime/pull/27379
process.env.ORT_DISABLE_TELEMETRY = '1'

/** Where the driver of an NVIDIA GPU shows itself. */
const gpuDevice = '/dev/nvidiactl'

function describe(metadata: readonly InferenceSession.ValueMetadata[], what: string): TensorInfo[] {
  return metadata.map((value) => {
    if (!value.isTensor)
      throw new TypeError(`The ${what} '${value.name}' is no tensor. Export the model without maps and sequences.`)
    const datatype = datatypeOf(value.type)
    if (!datatype) throw new TypeError(`The ${what} '${value.name}' is of the type ${value.type}, which has no name.`)
    return { name: value.name, datatype, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) }
  })
}

/**
 * ONNX Runtime in this thread, which an execution blocks: its binding for Node runs where it is called. Rejects when the bytes are no model or
 * the model's values are no tensors, and with `cuda` where there is none.
 */
export async function onnxEngine(bytes: Uint8Array, { provider, threads }: EngineOptions): Promise<Engine> {
  const { InferenceSession, Tensor } = ort()
  const open = (executionProviders: Provider[]) =>
    InferenceSession.create(bytes, {
      executionProviders,
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    })
  const wanted: Provider = provider === 'auto' ? (existsSync(gpuDevice) ? 'cuda' : 'cpu') : provider
  let used = wanted
  const session = await open(wanted === 'cuda' ? ['cuda', 'cpu'] : ['cpu']).catch((error) => {
    if (wanted === 'cpu' || provider !== 'auto') throw error
    used = 'cpu'
    return open(['cpu'])
  })
  const info: ModelInfo = {
    inputs: describe(session.inputMetadata, 'input'),
    outputs: describe(session.outputMetadata, 'output'),
    provider: used,
  }
  return {
    info,
    async run(inputs, outputs) {
      const feeds: Record<string, OrtTensor> = {}
      for (const [name, value] of Object.entries(inputs)) feeds[name] = tensorOf(Tensor, value)
      const results = await session.run(feeds, outputs as string[])
      const values: Record<string, Values[string]> = {}
      for (const name of outputs) {
        const result = results[name]!
        const datatype = datatypeOf(result.type) as Datatype
        values[name] = { datatype, shape: result.dims, data: viewed(datatype, result.data as TensorData) }
      }
      return values
    },
    close: () => session.release(),
  }
}

function tensorOf(Tensor: Ort['Tensor'], { datatype, shape, data }: EngineTensor): OrtTensor {
  const tensor = new Tensor(ortType(datatype) as 'float32', data as Float32Array, shape as number[])
  // The binding's native side sees no elements in a Float16Array, which its JavaScript side insists on.
  if (datatype === 'FP16' && !Array.isArray(data))
    Object.defineProperty(tensor, 'data', { value: new Uint16Array(data.buffer, data.byteOffset, data.length) })
  return tensor
}

/** Half floats come as whole numbers from runtimes that were built before there was an array for them. */
const viewed = (datatype: Datatype, data: TensorData): TensorData =>
  datatype === 'FP16' && data instanceof Uint16Array
    ? new Float16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length)
    : data
