import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { environments } from '../../../policies/environments.ts'
import type { EnvironmentPolicy } from '../../../policies/model/environment.ts'
import { scaledBounds } from '../../../policies/replicas.ts'
import { scaling } from '../../../policies/scaling.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { Exchange } from '../../common/http/server.ts'
import { silentLog } from '../../common/log/log.ts'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { forecastRoutes } from './api.ts'
import { Follower, follow, type StepSource } from './follower.ts'
import { forecasterMetrics } from './metrics.ts'
import { type Subject, subjects } from './plan.ts'

const never = new AbortController().signal
const minute = 60_000
const start = 1_000_000 * minute

const subject = (mode: 'preview' | 'on'): Subject => ({
  service: 'ml-inference',
  metric: 'qps',
  mode,
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
})

/** A series that is there from `start` on, as Prometheus would answer it. */
class Recorded implements StepSource {
  readonly asked: { from: number; to: number }[] = []
  failing = false
  readonly #value: (at: number) => number | undefined

  constructor(value: (at: number) => number | undefined) {
    this.#value = value
  }

  async steps(_: string, { from, to, step }: { from: number; to: number; step: number }) {
    this.asked.push({ from, to })
    if (this.failing) throw new Error('no answer')
    const samples: [number, number][] = []
    for (let at = from; at <= to; at += step) {
      const value = at < start ? undefined : this.#value(at)
      if (value !== undefined) samples.push([at / 1_000, value])
    }
    return samples.length === 0 ? [] : [{ labels: {}, samples }]
  }
}

const day = (at: number) => 500 + 400 * Math.sin((2 * Math.PI * at) / (480 * minute))

test('the rows with a prediction are forecast, their rates alone, with what decides of the row', () => {
  const found = subjects(policies, scaledBounds(policies, environments.prod))
  assert.deepEqual(
    found.map(({ service, metric, mode }) => [service, metric, mode]),
    [['ml-inference', 'qps', scaling.ml_inference.prediction.mode]],
  )
  const [{ options, query }] = found as [Subject]
  assert.equal(options.target, 1_000)
  assert.equal(options.max, scaling.ml_inference.actions.max_replicas)
  assert.match(query, /^sum by \(model\) \(.*rate\(nd_inference_requests_total\{job="ml-inference"/)
  assert.equal(found[0]?.by, 'model')
  const rows = (some: Policies['scaling']) =>
    subjects({ ...policies, scaling: some }, scaledBounds(policies, environments.prod))
  assert.deepEqual(rows({ analytics: scaling.analytics }), [])
  const off = { ...scaling.ml_inference, prediction: { mode: 'off', quantile: 0.9 } } as const
  assert.deepEqual(rows({ ml_inference: off }), [])
})

test('bounds are those that the autoscaler has in the environment, not those of the row', () => {
  const row = scaling.ml_inference
  const one = { ...policies, scaling: { ml_inference: { ...row, actions: { ...row.actions, min_replicas: 1 } } } }
  const least = (binding: EnvironmentPolicy['binding']) =>
    subjects(one, scaledBounds(one, { ...environments.prod, binding }))[0]?.options.min
  assert.deepEqual([least(['high-availability']), least([])], [2, 1])
})

test('a follower reads the history in parts of at most a week, then what is new, and what it missed', async () => {
  const source = new Recorded(day)
  const follower = new Follower(subject('on'), source)
  await follower.catchUp(start + 600 * minute + 5_000, never)
  assert.equal(source.asked.length, 2)
  for (const { from, to } of source.asked) assert.ok((to - from) / minute < 11_000)
  assert.equal(source.asked.at(-1)!.to, start + 600 * minute)
  await follower.catchUp(start + 600 * minute + 50_000, never)
  assert.equal(source.asked.length, 2, 'no step has ended since')
  source.failing = true
  await assert.rejects(follower.catchUp(start + 602 * minute, never))
  source.failing = false
  await follower.catchUp(start + 603 * minute, never)
  assert.deepEqual(source.asked.at(-1), { from: start + 601 * minute, to: start + 603 * minute })
})

test('the same history in one piece or in many is the same forecast', async () => {
  const [once, often] = [1, 2].map(() => new Follower(subject('on'), new Recorded(day))) as [Follower, Follower]
  const end = start + 400 * minute
  await once.catchUp(end, never)
  for (let at = start + 3 * minute; at <= end; at += minute) await often.catchUp(at, never)
  assert.deepEqual(often.forecast(end), once.forecast(end))
})

test('of a label with very many values the first are followed', async () => {
  const one = await new Recorded(day).steps('', { from: start, to: start + minute, step: minute })
  const series = Array.from({ length: 100 }, (_, i) =>
    one.map((found) => ({ ...found, labels: { model: `${i}` } })),
  ).flat()
  const follower = new Follower({ ...subject('on'), by: 'model' }, { steps: async () => series })
  await follower.catchUp(start + minute, never)
  assert.deepEqual(
    [...follower.forecasts(start + minute).keys()],
    Array.from({ length: 64 }, (_, i) => `${i}`),
  )
})

test('each resource has its forecast, from its first value on, and none for longer than the history without one', async () => {
  const at = (model: string, value: (at: number) => number | undefined) => ({ model, read: new Recorded(value) })
  const late = start + 900 * minute
  const all = [at('first', day), at('second', (time) => (time < late ? undefined : 2 * day(time)))]
  const source: StepSource = {
    steps: async (query, range) =>
      (
        await Promise.all(all.map(async ({ model, read }) => ({ model, found: await read.steps(query, range) })))
      ).flatMap(({ model, found }) => found.map((one) => ({ ...one, labels: { model } }))),
  }
  const follower = new Follower({ ...subject('on'), by: 'model' }, source)
  const now = start + 1_200 * minute
  await follower.catchUp(now, never)
  const alone = new Follower(subject('on'), new Recorded(day))
  await alone.catchUp(now, never)
  assert.deepEqual(follower.forecast(now, 'first'), alone.forecast(now))
  const [first, second] = ['first', 'second'].map((of) => follower.forecast(now, of)!)
  assert.ok(Math.abs(second!.mean! - 2 * first!.mean!) < 0.1 * first!.mean!, `${second!.mean} of ${first!.mean}`)
  const metrics = createMetrics({ process: false })
  forecasterMetrics(metrics, [follower, alone], () => now)
  const text = await metrics.text()
  assert.match(text, /nd_forecast_mean\{service="ml-inference",metric="qps",mode="on",model="second"\} \d/)
  assert.match(text, /nd_forecast_mean\{service="ml-inference",metric="qps",mode="on"\} \d/)
  const routes = forecastRoutes([follower], () => now)
  const ask = async (which: string) =>
    routes['GET /v1/forecast']!(exchange(`/v1/forecast?service=ml-inference&metric=qps${which}`))
  assert.deepEqual(((await ask('&model=second')) as { body: { value: number } }).body.value, second!.value)
  await assert.rejects(ask(''), /Say of which model/)
  await assert.rejects(ask('&model=third'), /No such metric is forecast/)
  const { body } = (await routes['GET /v1/forecasts']!(exchange('/v1/forecasts'))) as {
    body: { forecasts: { model: string }[] }
  }
  assert.deepEqual(
    body.forecasts.map(({ model }) => model),
    ['first', 'second'],
  )
  all.pop()
  const later = now + 20_200 * minute
  await follower.catchUp(later, never)
  assert.deepEqual([...follower.forecasts(later).keys()], ['first'])
})

const exchange = (path: string, authorized = true) =>
  ({
    url: new URL(path, 'https://host'),
    request: { socket: { authorized, getPeerCertificate: () => (authorized ? { raw: Buffer.alloc(1) } : {}) } },
  }) as unknown as Exchange

test('what is served is fresh, open and on, or an error; never a number from before', async () => {
  const end = start + 1_200 * minute
  let now = end
  const follower = new Follower(subject('on'), new Recorded(day))
  const shown = new Follower({ ...subject('preview'), metric: 'utilization' }, new Recorded(day))
  for (const one of [follower, shown]) await one.catchUp(end, never)
  const metrics = createMetrics({ process: false })
  forecasterMetrics(metrics, [follower, shown], () => now)
  const routes = forecastRoutes([follower, shown], () => now)
  const ask = async (metric: string) => {
    try {
      return await routes['GET /v1/forecast']!(exchange(`/v1/forecast?service=ml-inference&metric=${metric}`))
    } catch (error) {
      return (error as HttpError).code
    }
  }
  const { active, value } = follower.forecast(now)!
  assert.ok(active)
  assert.deepEqual(((await ask('qps')) as { body: { value: number } }).body.value, value)
  assert.equal(await ask('utilization'), 'PREVIEW')
  assert.equal(await ask('other'), 'NO_FORECAST')
  const text = await metrics.text()
  assert.match(text, new RegExp(`nd_forecast_value\\{service="ml-inference",metric="qps",mode="on"\\} ${value}\\n`))
  assert.match(text, /nd_forecast_value\{service="ml-inference",metric="utilization",mode="preview"\}/)
  assert.match(text, /nd_forecast_loss\{[^}]*of="persistence"\}/)
  assert.match(text, /nd_forecast_covered\{service="ml-inference",metric="qps",mode="on"\} \d/)
  assert.match(text, /nd_forecast_gate\{service="ml-inference",metric="qps",mode="on",state="open"\} 1\n/)
  now = end + 3 * minute
  assert.equal(await ask('qps'), 'STALE')
  const later = await metrics.text()
  assert.doesNotMatch(later, /nd_forecast_(value|active|covered|mean|loss)\{/)
  assert.deepEqual(
    later.split('\n').filter((line) => line.startsWith('nd_forecast_gate')),
    [
      'nd_forecast_gate{service="ml-inference",metric="qps",mode="on",state="stale"} 1',
      'nd_forecast_gate{service="ml-inference",metric="utilization",mode="preview",state="stale"} 1',
    ],
  )
  await assert.rejects(async () => routes['GET /v1/forecasts']!(exchange('/v1/forecasts', false)), HttpError)
})

test('a look that fails is counted and does not end the looking', async () => {
  const source = new Recorded(day)
  source.failing = true
  const stop = new AbortController()
  let looks = 0
  const failed: string[] = []
  const wait = async () => {
    if (++looks === 3) stop.abort()
  }
  const now = () => start + 10 * minute
  const options = {
    log: silentLog,
    signal: stop.signal,
    now,
    wait,
    failed: (service: string) => void failed.push(service),
  }
  await follow([new Follower(subject('on'), source)], options, 1)
  assert.deepEqual(failed, ['ml-inference', 'ml-inference', 'ml-inference'])
})
