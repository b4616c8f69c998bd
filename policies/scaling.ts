import type { ScalingPolicy } from './model/scaling.ts'

/** The scaling matrix. A key is a service of `services.ts` in the seed's spelling (underscores). */
export const scaling = {
  ml_inference: {
    metrics: [
      { name: 'qps', threshold: 1000, window: '60s' },
      // Of 1,000 requests a second, 32 that wait are a mean wait of 32 ms: a third of objectives.inference.latencyP99.
      { name: 'queue_depth', threshold: 32, window: '30s' },
      { name: 'gpu_utilization', threshold: 80, window: '300s' },
    ],
    actions: { min_replicas: 2, max_replicas: 10, scale_up_factor: 1.5, scale_down_factor: 0.7, fallback_replicas: 4 },
    prediction: { mode: 'preview', quantile: 0.99 },
  },
  event_collector: {
    metrics: [
      { name: 'qps', threshold: 400, window: '60s' },
      { name: 'queue_depth', threshold: 5000, window: '60s' },
      { name: 'utilization', threshold: 0.7, window: '60s' },
    ],
    // In half steps one pod takes too long to become sixteen.
    actions: { min_replicas: 1, max_replicas: 16, scale_up_factor: 1.6, scale_down_factor: 0.7, fallback_replicas: 2 },
  },
  hot_sink: {
    metrics: [
      { name: 'lag', threshold: 2000, window: '60s' },
      { name: 'utilization', threshold: 0.8, window: '120s' },
    ],
    actions: { min_replicas: 1, max_replicas: 8, scale_up_factor: 1.5, scale_down_factor: 0.7, fallback_replicas: 2 },
  },
  analytics: {
    metrics: [
      { name: 'qps', threshold: 50, window: '60s' },
      { name: 'utilization', threshold: 0.7, window: '60s' },
    ],
    actions: { min_replicas: 1, max_replicas: 8, scale_up_factor: 1.5, scale_down_factor: 0.7, fallback_replicas: 2 },
  },
} as const satisfies Record<string, ScalingPolicy>
