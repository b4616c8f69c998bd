import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, nodeLayer, programLayer } from './layers.ts'
import { promptly } from './prompt.ts'

/**
 * The young generation's half, MiB: what a batch leaves behind dies there. With V8's own 16 the collector and the sink spent a sixth of their time on copying it.
 */
const semiSpace = 64

/** A bundled Node program of this repository. */
export function program(ingredients: Ingredients, name: string): ImageDescription {
  const { layers, entrypoint } = promptly(ingredients, name, ['/usr/bin/node', '/app/main.mjs'])
  return {
    name,
    layers: [baseLayer(ingredients), ...layers, nodeLayer(ingredients), programLayer(ingredients, name)],
    entrypoint,
    env: { NODE_ENV: 'production', NODE_OPTIONS: `--max-semi-space-size=${semiSpace}` },
    workingFolder: '/app',
  }
}
