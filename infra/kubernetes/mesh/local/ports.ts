/** Where the mesh's own parts listen; Istio's own numbers where it has one. */
export const ports = {
  /** Control plane: programs for proxies, over TLS; how it is; its figures. */
  discovery: 15_012,
  controlReady: 8_080,
  controlMetrics: 15_014,
  /** Proxy: administration, for itself alone; where the kubelet says that it is to go; how it is; its figures, over TLS. */
  admin: 15_000,
  drain: 15_020,
  ready: 15_021,
  metrics: 15_090,
} as const
