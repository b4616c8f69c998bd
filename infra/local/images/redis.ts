import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, documentation } from './layers.ts'

/** Debian's Redis, with TLS. */
export const redis = (ingredients: Ingredients): ImageDescription => ({
  name: 'redis',
  layers: [
    baseLayer(ingredients),
    { name: 'redis', sources: [{ from: ingredients.toolchain.path('redis'), to: '/', except: documentation }] },
  ],
  entrypoint: ['/usr/bin/redis-server'],
})
