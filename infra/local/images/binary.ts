import type { ImageDescription, Ingredients } from './description.ts'
import { baseLayer } from './layers.ts'

/** An image of one program of the toolchain, which needs nothing beside it. */
export const binaryImage = (ingredients: Ingredients, name: string, binary: string): ImageDescription => ({
  name,
  layers: [
    baseLayer(ingredients),
    { name, sources: [{ from: ingredients.toolchain.bin(binary), to: `/usr/bin/${binary}` }] },
  ],
  entrypoint: [`/usr/bin/${binary}`],
})
