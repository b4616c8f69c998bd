import { parentPort, Worker, workerData } from 'node:worker_threads'
import type { TensorData } from '../tensor/datatypes.ts'
import type { Engine, EngineOptions, ModelInfo, Values } from './engine.ts'
import { onnxEngine } from './onnx.ts'

interface Start {
  readonly bytes: Uint8Array
  readonly options: EngineOptions
}
type Question =
  | { readonly id: number; readonly inputs: Values; readonly outputs: readonly string[] }
  | { readonly close: true }
type Answer =
  | { readonly loaded: ModelInfo }
  | { readonly id: number; readonly values: Values; readonly cpuMs: number }
  | { readonly id: number; readonly failed: string }

/** Memory that can go to another thread instead of being copied: an array that has it for itself. */
function movable(values: Values): ArrayBuffer[] {
  const own = ({ data }: { data: TensorData }) =>
    !Array.isArray(data) && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
      ? [data.buffer]
      : []
  return [...new Set(Object.values(values).flatMap(own))]
}

/** ONNX Runtime in a thread of its own, so that a long execution holds up nobody. `entry` calls `serveEngine` when it is not the main thread. */
export async function threadEngine(entry: URL, bytes: Uint8Array, options: EngineOptions): Promise<Engine> {
  const worker = new Worker(entry, { workerData: { bytes, options } satisfies Start })
  const waiting = new Map<number, { resolve: (values: Values) => void; reject: (error: Error) => void }>()
  let next = 0
  let gone: Error | undefined
  let cpuMs = 0
  const loaded = new Promise<ModelInfo>((resolve, reject) => {
    worker.on('message', (answer: Answer) => {
      if ('loaded' in answer) return resolve(answer.loaded)
      const asked = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('values' in answer) {
        cpuMs = answer.cpuMs
        asked?.resolve(answer.values)
      } else asked?.reject(new Error(answer.failed))
    })
    const lost = (error: Error) => {
      gone ??= error
      reject(gone)
      for (const { reject: refuse } of waiting.values()) refuse(gone)
      waiting.clear()
    }
    worker.on('error', lost)
    worker.on('exit', (code) => lost(new Error(`The thread of the model has ended (${code}).`)))
  })
  const info = await loaded
  return {
    info,
    get cpuMs() {
      return cpuMs
    },
    run(inputs, outputs) {
      if (gone) return Promise.reject(gone)
      const id = next++
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, inputs, outputs } satisfies Question, movable(inputs))
      })
    },
    async close() {
      if (gone) return
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      worker.postMessage({ close: true } satisfies Question)
      await ended
    },
  }
}

/** The other side: loads the model that the thread was started with, and answers until it is told to end. */
export async function serveEngine(): Promise<void> {
  const { bytes, options } = workerData as Start
  const port = parentPort!
  const engine = await onnxEngine(bytes, options)
  port.postMessage({ loaded: engine.info } satisfies Answer)
  port.on('message', async (question: Question) => {
    if ('close' in question) {
      await engine.close()
      port.close()
      return
    }
    const { id, inputs, outputs } = question
    try {
      const before = process.threadCpuUsage()
      const values = await engine.run(inputs, outputs)
      const { user, system } = process.threadCpuUsage(before)
      port.postMessage({ id, values, cpuMs: (user + system) / 1_000 } satisfies Answer, movable(values))
    } catch (error) {
      port.postMessage({ id, failed: (error as Error).message } satisfies Answer)
    }
  })
}
