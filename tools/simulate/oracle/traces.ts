import { seeded } from '../../../services/common/testing/random.ts'
import { scaledTo, type Trace } from '../load.ts'
import { readTrace } from '../trace.ts'
import { carried } from '../traces.ts'

const made = (minutes: number, rate: (minute: number) => number): Trace => ({
  perSecond: Float64Array.from({ length: minutes }, (_, minute) => rate(minute)),
})

/** Whole rates, so that a recording is small. */
const whole = ({ perSecond }: Trace): Trace => ({ perSecond: perSecond.map(Math.round) })

const part = (name: keyof typeof carried, from: number, minutes: number): Trace => {
  const { perSecond } = readTrace(carried[name])
  return scaledTo(9_500, { perSecond: perSecond.slice(from, from + minutes) })
}

/** Traces of six hours, at the most 9,500 requests per second. */
export function traces(): Readonly<Record<string, Trace>> {
  const random = seeded(7)
  return Object.fromEntries(
    Object.entries({
      'a flash crowd': part('flash crowd', 4 * 60, 360),
      'a growing evening': part('week', 5 * 1_440 + 12 * 60, 360),
      'a quiet night': part('week', 2 * 1_440 + 22 * 60, 360),
      steps: made(360, (minute) => [1_000, 4_000, 9_500, 2_500][Math.floor(minute / 30) % 4] ?? 0),
      ramps: made(360, (minute) => 95 * Math.abs(100 - (minute % 200))),
      noise: made(360, () => 9_500 * random() ** 2),
      'waves with noise': made(360, (minute) => 5_000 + 3_500 * Math.sin(minute / 20) + 1_000 * (random() - 0.5)),
      'spikes and gaps': made(360, (minute) => (random() < 0.1 ? 9_000 : minute % 50 > 42 ? Number.NaN : 600)),
    }).map(([name, trace]) => [name, whole(trace)]),
  )
}
