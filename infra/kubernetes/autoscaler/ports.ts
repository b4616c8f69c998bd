/** Where KEDA's own parts listen; its own numbers. */
export const ports = {
  /** Operator: what the adapter asks, over mutual TLS; how it is. */
  values: 9_666,
  ready: 8_081,
  /** Adapter: a part of the Kubernetes API. */
  api: 6_443,
  /** Both: their figures, in the clear. */
  metrics: 8_080,
} as const
