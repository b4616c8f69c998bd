import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { milliseconds } from '../../../policies/model/units.ts'
import { traffic } from '../../../policies/traffic.ts'
import { until } from '../../../services/common/testing/processes.ts'
import { ensure } from '../../engine/ensure.ts'
import { type Answer, failed, OpenLoop } from './callers.ts'
import type { Model } from './pod.ts'
import { modelSpec, Stand } from './stand.ts'

// The real controller moves the callers of a real Envoy; failures are counted at the client.
let bin: string
const folder = mkdtempSync(join(tmpdir(), 'nd-drill-'))

before(async () => {
  bin = (await ensure(['envoy'])).bin('envoy')
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Requests a second. */
const rate = 200
const limitMs = 300_000
/** Judged in seconds, not in minutes. */
const quick = {
  interval: '3s',
  deadline: '4m',
  minRequests: 50,
  maxErrorIncrease: 0.05,
  maxLatencyIncrease: 1,
  confidence: 0.95,
}

let stands = 0
/** A stand under load while `drill` runs; all its answers. */
async function under(
  models: Readonly<Record<string, Omit<Model, 'id'>>>,
  drill: (stand: Stand) => Promise<void>,
  /** Controllers end after so long, in the middle of whatever they do, and another begins. Default: never. */
  leaderMs?: number,
): Promise<{ readonly stand: Stand; readonly answers: readonly Answer[] }> {
  const stand = await Stand.start(bin, join(folder, `${++stands}`), { replicas: 4, models })
  const control = new AbortController()
  const lead = async () => {
    while (!control.signal.aborted) {
      const term = leaderMs === undefined ? [] : [AbortSignal.timeout(leaderMs)]
      await stand.control(AbortSignal.any([control.signal, ...term]))
    }
  }
  const controller = lead()
  try {
    await until('the stable pods', () => stand.settled)
    const callers = new OpenLoop({ port: stand.envoy.port, rate })
    await until('the way to them', async () => failed(await callers.burst(20, 1)).length === 0)
    callers.answers.length = 0
    callers.start()
    await drill(stand)
    return { stand, answers: await callers.stop() }
  } finally {
    control.abort()
    await controller
    await stand.stop()
  }
}

const of = (answers: readonly Answer[], subset: string): number => answers.filter((one) => one.subset === subset).length
const sayFailed = (answers: readonly Answer[]): string =>
  JSON.stringify(
    failed(answers)
      .slice(0, 10)
      .map(({ status, subset, ms }) => [status, subset, Math.round(ms)]),
  )

test('a canary takes over under load without a failed request', async () => {
  const { stand, answers } = await under({ 1: {}, 2: {} }, async (stand) => {
    stand.edit({ canary: { ...quick, model: modelSpec('2') } })
    await until('the promotion', () => stand.state?.phase === 'Promoted' && stand.settled, limitMs)
  })
  assert.deepEqual(stand.weights, [10, 50, 100, 0])
  assert.ok(answers.length > 10 * rate && of(answers, 'canary') > rate)
  assert.deepEqual(failed(answers), [], sayFailed(answers))
})

test('a controller that is replaced again and again walks on as if it were one', async () => {
  const { stand, answers } = await under(
    { 1: {}, 2: {} },
    async (stand) => {
      stand.edit({ canary: { ...quick, model: modelSpec('2') } })
      await until('the promotion', () => stand.state?.phase === 'Promoted' && stand.settled, limitMs)
    },
    700,
  )
  assert.deepEqual(stand.weights, [10, 50, 100, 0])
  assert.deepEqual(failed(answers), [], sayFailed(answers))
})

test('a candidate that is slower is rolled back without a failed request', async () => {
  const { stand, answers } = await under({ 1: { ms: 5 }, 2: { ms: 60 } }, async (stand) => {
    stand.edit({ canary: { ...quick, model: modelSpec('2') } })
    await until('the way back', () => stand.state?.phase === 'RolledBack' && stand.settled, limitMs)
  })
  assert.equal(stand.state?.reason, 'TooSlow', stand.state?.message)
  assert.deepEqual(stand.weights, [10, 0])
  assert.deepEqual(failed(answers), [], sayFailed(answers))
})

test('a candidate that fails is rolled back; nothing failed but what it answered itself', async () => {
  const { stand, answers } = await under({ 1: {}, 2: { errors: 0.25 } }, async (stand) => {
    stand.edit({ canary: { ...quick, model: modelSpec('2') } })
    await until('the way back', () => stand.state?.phase === 'RolledBack' && stand.settled, limitMs)
  })
  assert.equal(stand.state?.reason, 'TooManyErrors', stand.state?.message)
  assert.deepEqual(stand.weights, [10, 0])
  assert.deepEqual(failed(answers.filter(({ subset }) => subset !== 'canary')), [], sayFailed(answers))
  const share = failed(answers).length / answers.length
  assert.ok(share < 0.05, `${share} of all requests`)
})

test('rolling updates and evicted pods cost no request', async () => {
  const { answers } = await under({ 1: {}, 3: {} }, async (stand) => {
    stand.edit({ model: modelSpec('3') })
    await until('the update', () => stand.settled, limitMs)
    await stand.evict('stable', stand.pods_.stable[0])
    await until('its successor', () => stand.settled, limitMs)
  })
  assert.deepEqual(failed(answers), [], sayFailed(answers))
})

test('90/10 is within the binomial error over 10,000 requests', async () => {
  const stand = await Stand.start(bin, join(folder, 'shares'), { replicas: 4, models: { 1: {}, 2: {} } })
  const callers = new OpenLoop({ port: stand.envoy.port, rate })
  try {
    stand.edit({ canary: { ...quick, model: modelSpec('2'), steps: [10, 100], interval: '1h', deadline: '3h' } })
    const control = new AbortController()
    const controller = stand.control(control.signal)
    await until('the first share', () => stand.state?.phase === 'Analysing' && stand.settled, limitMs)
    await until('Envoy to have it', async () => of(await callers.burst(50), 'canary') > 0)
    const answers = await callers.burst(10_000)
    control.abort()
    await controller
    assert.deepEqual(failed(answers), [], sayFailed(answers))
    const { canaryWeight } = traffic.canary
    const deviation = Math.sqrt(10_000 * (canaryWeight / 100) * (1 - canaryWeight / 100))
    // Five standard deviations: once in 1.7 million runs by chance.
    assert.ok(Math.abs(of(answers, 'canary') - 1_000) < 5 * deviation, `${of(answers, 'canary')} of 10,000`)
  } finally {
    await callers.stop()
    await stand.stop()
  }
})

test('a pod that fails costs no more than its ejection threshold', async () => {
  const stand = await Stand.start(bin, join(folder, 'ejection'), { replicas: 4, models: { 1: {} } })
  const callers = new OpenLoop({ port: stand.envoy.port, rate })
  try {
    await until('the stable pods', () => stand.settled)
    await until('the way to them', async () => failed(await callers.burst(20, 1)).length === 0)
    callers.answers.length = 0
    stand.pods_.stable[0]!.spoiled = true
    const start = performance.now()
    const answers = await callers.burst(1_000, 1)
    const { errors, ejection } = traffic.calls['ml-inference'].outlier
    // It comes back after the policy's time, and costs another threshold.
    const ejections = 1 + Math.floor((performance.now() - start) / milliseconds(ejection))
    const cost = failed(answers).length
    assert.ok(cost >= errors && cost <= errors * ejections, sayFailed(answers))
  } finally {
    await callers.stop()
    await stand.stop()
  }
})
