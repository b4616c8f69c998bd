import { serviceOf } from '../model/scaling.ts'
import { highestOf } from '../model/service.ts'
import { type Broken, type Check, unless } from './check.ts'

/** Metrics that say how much work waits. */
const waiting = ['queue_depth', 'lag'] as const

export const scalingSignal: Check = {
  rule: 'scaling-signal',
  purpose: 'what is full looks the same whether a little or ten times too much waits',
  find: ({ scaling, services }) =>
    Object.entries(scaling).flatMap(([row, { metrics, prediction }]): Broken[] => {
      const path = `scaling.${row}`
      const sources = services[serviceOf(row)]?.metrics ?? {}
      const measured = metrics.filter(({ name }) => sources[name])
      const counts = measured.some(({ name }) => sources[name]?.kind !== 'average')
      return [
        ...metrics.flatMap(({ name, threshold }, i) => [
          ...unless(
            name !== 'gpu_utilization' || metrics.some((other) => waiting.some((one) => one === other.name)),
            `${path}.metrics.${i}.name`,
            name,
            `must stand beside ${waiting.join(' or ')}: one request that is always there keeps a GPU busy.`,
          ),
          ...unless(
            threshold < highestOf(name),
            `${path}.metrics.${i}.threshold`,
            threshold,
            `must be less than ${highestOf(name)}, the most that ${name} can be.`,
          ),
        ]),
        ...unless(
          measured.length === 0 || counts,
          `${path}.metrics`,
          measured.map(({ name }) => name),
          "must hold one that counts work ('rate' or 'sum'): a level says that pods are too few, not how many.",
        ),
        ...unless(
          !prediction || prediction.mode === 'off' || measured.some(({ name }) => sources[name]?.kind === 'rate'),
          `${path}.prediction.mode`,
          prediction?.mode,
          "must be 'off': only a rate is forecast, and there is none.",
        ),
      ]
    }),
}
