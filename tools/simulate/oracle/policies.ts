import type { AutoscalerSpec, Behavior } from '../../../services/common/autoscaling/spec.ts'

/** A policy to replay traces through: literal, so that a recording outlives changes of the scaling matrix. */
export interface OraclePolicy extends AutoscalerSpec {
  readonly windows: readonly number[]
  readonly startup: number
}

const qps = { name: 'qps', type: 'AverageValue', target: 1_000_000 } as const
const slower = { name: 'qps over 5 min', type: 'AverageValue', target: 900_000 } as const

const percent = (value: number, periodSeconds: number) => ({ type: 'Percent', value, periodSeconds }) as const
const pods = (value: number, periodSeconds: number) => ({ type: 'Pods', value, periodSeconds }) as const

const row = { minReplicas: 2, maxReplicas: 10, metrics: [qps], windows: [60] } as const

const factors: Behavior = {
  scaleUp: { policies: [percent(50, 15)] },
  scaleDown: { policies: [percent(30, 15)], stabilizationWindowSeconds: 150 },
}

const cautious: Behavior = {
  scaleUp: { policies: [pods(1, 60), percent(20, 90)], selectPolicy: 'Min', stabilizationWindowSeconds: 60 },
  scaleDown: { policies: [percent(10, 60), pods(1, 120)], stabilizationWindowSeconds: 600 },
}

const upwards: Behavior = {
  scaleUp: { policies: [percent(100, 15), pods(4, 30)] },
  scaleDown: { policies: [pods(1, 300)], selectPolicy: 'Min', stabilizationWindowSeconds: 0 },
}

export const oraclePolicies: Readonly<Record<string, OraclePolicy>> = {
  'the factors of the matrix': { ...row, behavior: factors, startup: 90 },
  'no behaviour': { ...row, startup: 300 },
  'the default behaviour': { ...row, behavior: {}, startup: 45 },
  'two windows, cautious': {
    ...row,
    metrics: [qps, slower],
    windows: [60, 300],
    maxReplicas: 12,
    behavior: cautious,
    startup: 7,
  },
  'eager up, slow down': { ...row, minReplicas: 1, maxReplicas: 8, behavior: upwards, startup: 200 },
}
