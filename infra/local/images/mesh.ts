import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer } from './layers.ts'

const program = (ingredients: Ingredients, name: string, binary: string): ImageDescription => ({
  name,
  layers: [
    baseLayer(ingredients),
    { name, sources: [{ from: ingredients.toolchain.bin(binary), to: `/usr/bin/${binary}` }] },
  ],
  entrypoint: [`/usr/bin/${binary}`],
})

/** Istio's control plane. */
export const istiod = (ingredients: Ingredients): ImageDescription => program(ingredients, 'istiod', 'pilot-discovery')

/** The proxy of its gateway. */
export const envoy = (ingredients: Ingredients): ImageDescription => program(ingredients, 'envoy', 'envoy')
