import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, documentation } from './layers.ts'

/** Debian's Prometheus, with promtool. */
export const prometheus = (ingredients: Ingredients): ImageDescription => ({
  name: 'prometheus',
  layers: [
    baseLayer(ingredients),
    {
      name: 'prometheus',
      sources: [{ from: ingredients.toolchain.path('prometheus'), to: '/', except: documentation }],
    },
  ],
  entrypoint: ['/usr/bin/prometheus'],
})
