import { policies } from '../../../policies/bundle.ts'
import { environments } from '../../../policies/environments.ts'
import { scaledBounds } from '../../../policies/replicas.ts'
import { subjects } from '../../../services/platform/forecaster/plan.ts'
import { historyOf, type Labels, ruleFileOf, type Stretch, steady, wave } from './paper-load.ts'

const found = subjects(policies, scaledBounds(policies, environments.local)).find(
  ({ service, metric }) => service === 'ml-inference' && metric === 'qps',
)
if (!found) throw new Error('The matrix has no forecast of ml-inference: the drill needs its prediction.')
/** What the forecaster of a region follows, as its policies say. */
export const subject = found

const threshold = subject.options.target ?? Number.NaN
const minute = 60

/**
 * A wave whose steepest part needs one pod more every few minutes: easy to foretell, and late for who only looks at what is. Between 1.3 and 3.7
 * thresholds. It comes every few hours for two days, and between there is little: enough to learn from, and foretelling costs few pods.
 */
const shape = { lowest: 1.3 * threshold, highest: 3.7 * threshold, period: 50 * minute }
const every = 4 * 60 * minute
/** Between the waves it is not still, as no load is. */
const between = { lowest: shape.lowest, highest: 1.5 * threshold, period: (every - shape.period) / 4 }
const waves = 12

/** So long after its lowest moment the wave has the load at which a forecast wants four pods and what is measured three. */
export const wantsFour = { after: 16 * minute, foretold: 4, measured: 3 }

/** Rates that want three pods, more than six and one of them at any moment. */
export const steadyRates = { three: 2.8 * threshold, six: 5.5 * threshold, one: 0.9 * threshold }

const series = 'nd_inference_requests_total'

/** The counter of a model's requests that a pod which is not there has. */
export const labelsOf = (model: string): Labels => ({
  ...{ job: 'ml-inference', instance: 'paper:0', model, version: 'paper', outcome: 'ok' },
})

/** The waves up to `now`, seconds, of which the last began `ago` seconds before. */
export function wavesOf(now: number, ago: number): readonly [Stretch, ...Stretch[]] {
  const last = now - ago
  const first = steady(undefined, last - waves * every, shape.lowest)
  let previous = wave(first, first.from, { ...between, period: every / 4 })
  const all: [Stretch, ...Stretch[]] = [previous]
  for (let i = 1; i <= waves; i++) {
    const up = wave(previous, last - (waves - i) * every, shape)
    previous = wave(up, up.from + shape.period, between)
    all.push(up, previous)
  }
  // What comes after the last has not been.
  all.pop()
  return all
}

export const history = (model: string, all: readonly [Stretch, ...Stretch[]], now: number): string =>
  historyOf(series, labelsOf(model), all, now, 15)

export const rules = (model: string, all: readonly [Stretch, ...Stretch[]]): string =>
  ruleFileOf(series, labelsOf(model), all, '5s')
