import type { LocalServiceName } from '../../../policies/services.ts'
import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, nodeLayer, programLayer } from './layers.ts'
import { alertPath, promptly } from './prompt.ts'

/**
 * The young generation's half, MiB: what a batch leaves behind dies there. With V8's own 16 the collector and the sink spent a sixth of their time on copying it.
 */
const semiSpace = 64

/**
 * By how many percent old objects, and what lies outside of the heap, may grow before V8 looks through the whole heap. By itself it does so every 8 MB where a heap is
 * small: for the collector 2.6 times a second at 25,000 events a second (103 for a million events; with this 9, and a sixth of its CPU less), for the engine once,
 * and the sink spends a quarter of its CPU on it. Those that events go through have the memory to let it be: some 30 MB are old there.
 */
const growth = 400

const grows: ReadonlySet<string> = new Set([...alertPath, 'hot-sink' satisfies LocalServiceName])

const flags = (name: string): readonly string[] => (grows.has(name) ? [`--heap-growing-percent=${growth}`] : [])

/** A bundled Node program of this repository. */
export function program(ingredients: Ingredients, name: string): ImageDescription {
  const { layers, entrypoint } = promptly(ingredients, name, ['/usr/bin/node', ...flags(name), '/app/main.mjs'])
  return {
    name,
    layers: [baseLayer(ingredients), ...layers, nodeLayer(ingredients), programLayer(ingredients, name)],
    entrypoint,
    env: { NODE_ENV: 'production', NODE_OPTIONS: `--max-semi-space-size=${semiSpace}` },
    workingFolder: '/app',
  }
}
