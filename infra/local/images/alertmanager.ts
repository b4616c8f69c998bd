import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer, documentation } from './layers.ts'

/** Debian's Alertmanager, with amtool. */
export const alertmanager = (ingredients: Ingredients): ImageDescription => ({
  name: 'alertmanager',
  layers: [
    baseLayer(ingredients),
    {
      name: 'alertmanager',
      sources: [{ from: ingredients.toolchain.path('alertmanager'), to: '/', except: documentation }],
    },
  ],
  entrypoint: ['/usr/bin/prometheus-alertmanager'],
})
