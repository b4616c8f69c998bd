import { createRequire } from 'node:module'

// The library reports models to its maker unless this is there before it is loaded; an import would load it first.
process.env.ORT_DISABLE_TELEMETRY = '1'
const runtime = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node')

/** ONNX Runtime for tests that run a model by themselves. */
export const { InferenceSession, Tensor } = runtime
