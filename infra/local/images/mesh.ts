import { binaryImage } from './binary.ts'
import type { ImageDescription, Ingredients } from './description.ts'

/** Istio's control plane. */
export const istiod = (ingredients: Ingredients): ImageDescription =>
  binaryImage(ingredients, 'istiod', 'pilot-discovery')

/** The proxy of its gateway. */
export const envoy = (ingredients: Ingredients): ImageDescription => binaryImage(ingredients, 'envoy', 'envoy')
