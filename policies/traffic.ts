import type { CallPolicy, TrafficPolicy } from './model/traffic.ts'

const outlier = {
  errors: 5,
  interval: '10s',
  ejection: '30s',
  mostEjected: 0.5,
} as const satisfies CallPolicy['outlier']

/** How calls inside a region and between regions behave, and how a new version gets its share: the seed's 90/10, then more. */
export const traffic = {
  calls: {
    // Tried once: a retry of the sender carries its batch id, and one of the mesh would hide from it that it was slow.
    'event-collector': {
      protocol: 'http',
      timeout: '12s',
      connections: { most: 4096, pending: 1024 },
      outlier,
    },
    analytics: {
      protocol: 'http',
      timeout: '12s',
      connections: { most: 1024, pending: 256 },
      outlier,
    },
    clickhouse: {
      protocol: 'tls',
      connections: { most: 512, pending: 128 },
      outlier,
    },
    'ml-inference': {
      protocol: 'http',
      timeout: '2s',
      retries: { attempts: 3, perTry: '500ms' },
      connections: { most: 2048, pending: 512 },
      outlier: { ...outlier, errors: 3 },
    },
  },
  canary: {
    service: 'ml-inference',
    stableWeight: 90,
    canaryWeight: 10,
    further: [50, 100],
    interval: '60s',
    deadline: '1h',
    drain: '10s',
    minPods: 2,
    judged: {
      minRequests: 200,
      maxErrorIncrease: 0.01,
      maxLatencyIncrease: 0.25,
      slowShare: 0.05,
      confidence: 0.99,
    },
  },
} as const satisfies TrafficPolicy
