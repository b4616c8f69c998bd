import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Prometheus } from '../../../services/common/prometheus/prometheus.ts'
import { eventually } from '../../../services/common/testing/processes.ts'
import { TestPrometheus } from '../../../services/common/testing/prometheus.ts'
import { Follower } from '../../../services/platform/forecaster/follower.ts'
import { ensure } from '../../engine/ensure.ts'
import { history, rules, subject, wantsFour, wavesOf } from './load.ts'
import { at, counterAt, rateAt, steady } from './paper-load.ts'

// What the drill of a region relies on, on a Prometheus alone: the real forecaster opens its gate on the history, and a rule goes on with it.
const model = 'threat-detection'
const never = new AbortController().signal
const now = Math.floor(Date.now() / 60_000) * 60
const all = wavesOf(now, wantsFour.after)
const of = at(all, now)
let server: TestPrometheus | undefined
let source: Prometheus

before(async () => {
  const engine = await ensure(['prometheus'])
  const [prometheus, promtool] = [engine.bin('prometheus'), engine.bin('promtool')]
  const options = { prometheus, promtool, history: history(model, all, now), rules: rules(model, [of]) }
  server = await TestPrometheus.start(options)
  source = server.client()
})

after(() => server?.stop())

test('the forecaster wants four pods of it while what is measured wants three', async () => {
  const follower = new Follower(subject, source)
  await eventually('Prometheus answers', () => follower.catchUp(now * 1_000, never).then(() => true))
  const forecast = follower.forecast(now * 1_000, model)
  assert.equal(forecast?.gate, 'open', forecast?.reason)
  const target = subject.options.target!
  assert.equal(forecast.value, wantsFour.foretold * target)
  const measured = rateAt(of, now - 30)
  assert.equal(Math.ceil(measured / target), wantsFour.measured, `${measured}`)
})

test('the rule goes on where the history ends, and another one where that is', async () => {
  const series = 'nd_inference_requests_total{instance="paper:0"}'
  const samples = (after: number) =>
    eventually(
      'a sample of then',
      async () => {
        const [found] = await source.range(series, (now - 60) * 1_000, Date.now(), never)
        return found?.samples.some(([when]) => when > after) && found.samples
      },
      120_000,
    )
  const first = await samples(now + 1)
  assert.ok(first.some(([when]) => when <= now))
  const later = steady(of, Math.ceil(Date.now() / 1_000) + 10, 100)
  server?.follow(rules(model, [of, later]))
  const all = await samples(later.from + 5)
  assert.ok(
    all.some(([at]) => at > first.at(-1)![0] && at < later.from),
    'it goes on by the first until then',
  )
  for (const [at, value] of all) {
    const expected = counterAt(at < later.from ? of : later, at)
    assert.ok(Math.abs(value - expected) < 1e-6 * expected, `${value} is not ${expected} at ${at}`)
  }
})
