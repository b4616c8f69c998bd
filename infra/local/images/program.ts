import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, nodeLayer, programLayer } from './layers.ts'

/** A bundled Node program of this repository. */
export const program = (ingredients: Ingredients, name: string): ImageDescription => ({
  name,
  layers: [baseLayer(ingredients), nodeLayer(ingredients), programLayer(ingredients, name)],
  entrypoint: ['/usr/bin/node', '/app/main.mjs'],
  env: { NODE_ENV: 'production' },
  workingFolder: '/app',
})
