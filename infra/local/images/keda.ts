import { binaryImage } from './binary.ts'
import type { ImageDescription, Ingredients } from './description.ts'

/** What makes a HorizontalPodAutoscaler of each ScaledObject, and asks for the metrics. */
export const kedaOperator = (ingredients: Ingredients): ImageDescription =>
  binaryImage(ingredients, 'keda-operator', 'keda-operator')

/** What answers the HorizontalPodAutoscalers' controller, as a part of the Kubernetes API. */
export const kedaAdapter = (ingredients: Ingredients): ImageDescription =>
  binaryImage(ingredients, 'keda-adapter', 'keda-adapter')
