import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer } from './layers.ts'

/** The region's name server. */
export const coredns = (ingredients: Ingredients): ImageDescription => ({
  name: 'coredns',
  layers: [
    baseLayer(ingredients),
    { name: 'coredns', sources: [{ from: ingredients.toolchain.bin('coredns'), to: '/usr/bin/coredns' }] },
  ],
  entrypoint: ['/usr/bin/coredns'],
})
