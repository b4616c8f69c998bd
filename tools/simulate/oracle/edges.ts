import type { MetricSpec } from '../../../services/common/autoscaling/spec.ts'
import type { Case, Step } from '../../../services/common/autoscaling/testing/case.ts'

const base = {
  tolerance: 0.1,
  downscaleStabilization: 300,
  minReplicas: 2,
  maxReplicas: 10,
  behavior: null,
  replicas: 4,
  startup: 30,
} as const

const qps: MetricSpec = { name: 'qps', type: 'AverageValue', target: 1_000_000 }
const busy: MetricSpec = { name: 'busy', type: 'Value', target: 700 }
const perPod: MetricSpec = { name: 'connections', type: 'Pods', target: 10_000 }

/** So long that what was recommended before is forgotten. */
const wait = (step: Step): Step[] => Array.from({ length: 24 }, () => step)
const repeat = (times: number, ...steps: Step[]): Step[] => Array.from({ length: times }, () => steps).flat()
const of = (...values: Step['values']): Step => ({ values })

const instant = {
  scaleUp: { policies: [{ type: 'Pods', value: 100, periodSeconds: 15 }] },
  scaleDown: { stabilizationWindowSeconds: 0 },
} as const

/** At, just within and just beyond a tolerance, from the count that the target gives. */
function edges(tolerance: number): Step[] {
  const steps: Step[] = []
  for (let replicas = 2; replicas <= 10; replicas++)
    for (const ratio of [1 + tolerance, 1 - tolerance])
      for (const by of [-1, 0, 1]) {
        const value = Math.round(replicas * 1_000_000 * ratio) + by
        steps.push({ set: replicas, values: [value, 700] })
      }
  return steps
}

const levelEdges = (tolerance: number): Step[] =>
  [2, 3, 5, 7, 10].flatMap((replicas) =>
    [1 + tolerance, 1 - tolerance].flatMap((ratio) =>
      [-1, 0, 1].flatMap((by) =>
        [0, 1].map((unready): Step => ({ set: replicas, unready, values: [1, Math.round(700 * ratio) + by] })),
      ),
    ),
  )

/** Situations that a trace seldom brings. */
export const edgeCases: readonly Case[] = [
  { ...base, name: 'the edges of the tolerance, amounts', behavior: instant, metrics: [qps, busy], steps: edges(0.1) },
  {
    ...base,
    name: 'the edges of another tolerance',
    tolerance: 0.05,
    behavior: instant,
    metrics: [qps, busy],
    steps: edges(0.05),
  },
  {
    ...base,
    name: 'the edges of the tolerance, levels and unready pods',
    behavior: instant,
    metrics: [qps, busy],
    steps: levelEdges(0.1),
  },
  {
    ...base,
    name: 'a missing metric stops the way down alone',
    metrics: [qps, busy],
    steps: [
      ...repeat(8, of(6_000_000, null)),
      ...wait(of(2_000_000, null)),
      ...wait(of(null, 300)),
      ...repeat(4, of(null, 900)),
      ...wait(of(2_000_000, 300)),
    ],
  },
  {
    ...base,
    name: 'no metric answers, and some do again',
    behavior: instant,
    metrics: [qps, busy],
    steps: [...repeat(5, of(null, null), of(8_000_000, null), of(null, null), of(3_000_000, 400), of(null, 1_400))],
  },
  {
    ...base,
    name: 'no pod is ready',
    behavior: instant,
    metrics: [busy],
    steps: repeat(10, { values: [1_400], unready: 9 }, { values: [1_400], unready: 1 }, { values: [350], unready: 2 }),
  },
  {
    ...base,
    name: 'pods that say nothing or do not run yet',
    behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
    startup: 75,
    metrics: [perPod],
    steps: [0, 1, 2, 3, 9].flatMap((silent) =>
      [4_000, 9_500, 9_999, 10_000, 10_001, 12_000, 25_000, 31_000, 8_000, 500].flatMap((value) =>
        repeat(3, of({ value, silent })),
      ),
    ),
  },
  {
    ...base,
    name: 'somebody else scales: above the most, below the least, to nothing',
    behavior: instant,
    metrics: [qps],
    steps: [14, 1, 0, 2, 30, 5, 10, 0, 0, 3].flatMap((set) => [
      { set, values: [5_000_000] },
      of(5_000_000),
      of(3_000_000),
    ]),
  },
  {
    ...base,
    name: 'to zero and back',
    minReplicas: 0,
    behavior: instant,
    metrics: [qps],
    steps: [
      ...repeat(3, of(2_000_000)),
      ...repeat(4, of(0)),
      ...repeat(3, of(1)),
      ...repeat(3, of(3_400_000)),
      ...repeat(4, of(0)),
    ],
  },
  {
    ...base,
    name: 'a level to zero and back',
    minReplicas: 0,
    metrics: [busy],
    steps: [
      ...repeat(3, of(1_000)),
      ...wait(of(0)),
      ...repeat(3, of(1_800)),
      ...wait(of(300)),
      ...wait(of(0)),
      ...repeat(4, of(null)),
    ],
  },
  {
    ...base,
    name: 'never up',
    behavior: { scaleUp: { selectPolicy: 'Disabled' } },
    metrics: [qps],
    steps: [...repeat(4, of(9_000_000)), ...wait(of(3_000_000)), ...repeat(4, of(9_000_000))],
  },
  {
    ...base,
    name: 'never down',
    behavior: { scaleDown: { selectPolicy: 'Disabled', stabilizationWindowSeconds: 0 } },
    metrics: [qps],
    steps: [...repeat(4, of(9_000_000)), ...wait(of(3_000_000)), { set: 5, values: [1] }, of(1)],
  },
  {
    ...base,
    name: 'up and down within one period',
    behavior: {
      scaleUp: {
        policies: [
          { type: 'Pods', value: 3, periodSeconds: 120 },
          { type: 'Percent', value: 50, periodSeconds: 45 },
        ],
      },
      scaleDown: { policies: [{ type: 'Percent', value: 30, periodSeconds: 90 }], stabilizationWindowSeconds: 0 },
    },
    metrics: [qps],
    steps: repeat(
      12,
      of(9_000_000),
      of(9_000_000),
      of(2_000_000),
      of(9_000_000),
      of(1_000_000),
      of(1_000_000),
      of(1_000_000),
    ),
  },
]
