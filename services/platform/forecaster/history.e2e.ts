import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ensure } from '../../../tools/engine/ensure.ts'
import type { Prometheus } from '../../common/prometheus/prometheus.ts'
import { until } from '../../common/testing/processes.ts'
import { TestPrometheus } from '../../common/testing/prometheus.ts'
import { Follower } from './follower.ts'
import type { Subject } from './plan.ts'

// A real Prometheus with a password over TLS, whose history of two days this test wrote.
const minute = 60_000
const now = Math.floor(Date.now() / minute) * minute
const begin = now - 2 * 1_440 * minute
const load = (at: number) => 500 + 400 * Math.sin((2 * Math.PI * at) / (480 * minute))
const never = new AbortController().signal
let server: TestPrometheus | undefined
let source: Prometheus
let stranger: Prometheus

before(async () => {
  const engine = await ensure(['prometheus'])
  const lines = ['# TYPE load gauge']
  for (let at = begin; at <= now; at += minute) lines.push(`load ${load(at)} ${at / 1_000}`)
  const [prometheus, promtool] = [engine.bin('prometheus'), engine.bin('promtool')]
  server = await TestPrometheus.start({ prometheus, promtool, history: `${lines.join('\n')}\n# EOF\n` })
  source = server.client()
  stranger = server.client('another')
  const range = { from: now - minute, to: now, step: minute }
  await until('Prometheus answers', () => source.steps('load', range, never).then(Boolean, () => false))
})

after(() => server?.stop())

const subject: Subject = {
  service: 'ml-inference',
  metric: 'qps',
  mode: 'on',
  query: 'load',
  options: {
    stepSeconds: 60,
    horizonSeconds: 210,
    quantile: 0.95,
    target: 100,
    min: 2,
    max: 10,
    limits: { budget: 0.05, trial: 0.02, proven: 0.3, useful: 0.05, aim: 1, spread: 0.3 },
  },
}

test('a new forecaster has learned from all that Prometheus keeps', async () => {
  const follower = new Follower(subject, source)
  await follower.catchUp(now, never)
  assert.equal(follower.age(now), 0)
  const { mean, loss } = follower.forecast(now)!
  assert.ok(loss.best < loss.persistence)
  assert.ok(Math.abs(mean! - load(now + 4 * minute)) < 20, `${mean} of ${load(now + 4 * minute)}`)
})

test('without the password it has nothing, and says so', async () => {
  const follower = new Follower(subject, stranger)
  await assert.rejects(follower.catchUp(now, never), /Prometheus answered 401/)
  assert.equal(follower.forecast(now), undefined)
})
