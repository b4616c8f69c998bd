import type { Behavior, MetricSpec, RatePolicy, ScalingRules } from '../../../services/common/autoscaling/spec.ts'
import type { Case, Step } from '../../../services/common/autoscaling/testing/case.ts'
import { seeded } from '../../../services/common/testing/random.ts'

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T

function rules(random: () => number): ScalingRules {
  const policies = Array.from(
    { length: 1 + Math.floor(random() * 3) },
    (): RatePolicy => ({
      type: pick(random, ['Pods', 'Percent']),
      value: pick(random, [1, 2, 4, 10, 25, 50, 100, 150]),
      periodSeconds: pick(random, [15, 30, 60, 90, 300]),
    }),
  )
  return {
    ...(random() < 0.7 ? { policies } : {}),
    ...(random() < 0.6 ? { stabilizationWindowSeconds: pick(random, [0, 15, 45, 60, 300]) } : {}),
    ...(random() < 0.5 ? { selectPolicy: pick(random, ['Max', 'Min']) } : {}),
  }
}

/** A random walk through random rules: whatever nobody thought of. */
export function walk(seed: number): Case {
  const random = seeded(seed)
  const behavior: Behavior | null = random() < 0.15 ? null : { scaleUp: rules(random), scaleDown: rules(random) }
  const types = (['AverageValue', 'Value', 'Pods'] as const).filter(() => random() < 0.6)
  const metrics = (types.length > 0 ? types : (['AverageValue'] as const)).map(
    (type, i): MetricSpec => ({ name: `metric ${i}`, type, target: 1_000 * (1 + Math.floor(random() * 20)) }),
  )
  const minReplicas = pick(random, [0, 1, 1, 2, 3])
  const maxReplicas = minReplicas + 1 + Math.floor(random() * 15)
  const levels = metrics.map(() => 1)
  const steps = Array.from({ length: 240 }, (): Step => {
    const values = metrics.map(({ type, target }, i): Step['values'][number] => {
      const level = Math.min(
        4,
        Math.max(0, (levels[i] as number) * (0.7 + 0.62 * random()) + (random() < 0.05 ? 1.5 : 0)),
      )
      levels[i] = level
      if (random() < 0.06) return null
      if (type === 'AverageValue') return Math.round(target * level * maxReplicas * 0.4)
      const value = Math.round(target * level)
      return type === 'Value' ? value : { value, silent: random() < 0.2 ? 1 + Math.floor(random() * 3) : 0 }
    })
    return {
      values,
      ...(random() < 0.15 ? { unready: 1 + Math.floor(random() * 3) } : {}),
      ...(random() < 0.03 ? { set: Math.floor(random() * (maxReplicas + 3)) } : {}),
    }
  })
  return {
    name: `a random walk, ${seed}`,
    tolerance: pick(random, [0.1, 0.1, 0, 0.2]),
    downscaleStabilization: pick(random, [300, 60]),
    minReplicas,
    maxReplicas,
    behavior,
    metrics,
    replicas: minReplicas + 1,
    startup: pick(random, [0, 10, 45, 100]),
    steps,
  }
}
