import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PrometheusError, parseMatrix, type Series } from '../../../../common/prometheus/prometheus.ts'
import { growth } from './counters.ts'
import { figuresOf, GatewayEvidence, selectorOf } from './gateway.ts'

const series = (labels: Record<string, string>, ...samples: [number, number][]): Series => ({
  labels: { job: 'gateway', instance: 'a', ...labels },
  samples,
})

test('growth is exact over scrapes, restarts and scrapes that were lost', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 50 }), fc.boolean(), fc.boolean()), { minLength: 1 }), (steps) => {
      let [value, time] = [17, 0]
      let grown = 0
      let unseen = 0
      const samples: [number, number][] = [[time, value]]
      for (const [by, restart, lost] of steps) {
        // What a process counted since the last scrape ends with it.
        if (restart && samples.at(-1)![1] > 0) {
          value = 0
          unseen = 0
        }
        value += by
        unseen += by
        time += 5
        if (lost) continue
        // A counter that is back where it was looks as if nothing had happened: a restart shows by a lower value alone.
        if (restart && value >= samples.at(-1)![1]) return
        samples.push([time, value])
        grown += unseen
        unseen = 0
      }
      const [[, found]] = growth([series({}, ...samples)]) as [[unknown, number]]
      if (!steps.some(([, restart, lost]) => restart && lost)) assert.equal(found, grown)
      assert.ok(found >= 0)
    }),
  )
})

test('the first failures count, though their counter was not there before', () => {
  const grown = growth([
    series({ code: '2' }, [0, 100], [5, 200]),
    series({ code: '5' }, [5, 30]),
    // A gateway that is new in the span: what it counted before its first scrape is not known to belong to it.
    series({ instance: 'b', code: '2' }, [5, 70], [10, 90]),
  ])
  assert.deepEqual(
    grown.map(([, by]) => by),
    [100, 30, 20],
  )
})

const cluster = 'outbound|8443|canary|threats.ngfw.svc.cluster.local'
const answers = (code: string, ...samples: [number, number][]) =>
  series(
    { __name__: 'envoy_cluster_upstream_rq_xx', envoy_cluster_name: cluster, envoy_response_code_class: code },
    ...samples,
  )
const bucket = (le: string, ...samples: [number, number][]) =>
  series({ __name__: 'envoy_cluster_upstream_rq_time_bucket', envoy_cluster_name: cluster, le }, ...samples)

test('figures are sums over codes, ports and gateways', () => {
  const { requests, errors, latencies } = figuresOf([
    answers('2', [0, 10], [5, 110]),
    answers('4', [0, 0], [5, 3]),
    answers('5', [5, 2]),
    bucket('1', [0, 0], [5, 40]),
    bucket('10', [0, 0], [5, 100]),
    bucket('+Inf', [0, 0], [5, 105]),
    { ...bucket('1', [0, 0], [5, 7]), labels: { ...bucket('1').labels, instance: 'b' } },
  ])
  assert.deepEqual([requests, errors], [105, 2])
  assert.deepEqual(latencies, { bounds: [1, 10], within: [47, 100], total: 105 })
})

test('the question asks for one subset of one resource, whatever its port', () => {
  const selector = selectorOf('canary', 'a.ngfw.svc.cluster.local')
  const [, expression] = /envoy_cluster_name=~"([^"]*)"/.exec(selector)!
  const matches = new RegExp(`^(?:${expression!.replaceAll('\\\\', '\\')})$`)
  assert.ok(matches.test('outbound|8443|canary|a.ngfw.svc.cluster.local'))
  assert.ok(matches.test(''))
  for (const other of [
    'outbound|8443|stable|a.ngfw.svc.cluster.local',
    'outbound|8443|canary|aXngfw.svc.cluster.local',
  ])
    assert.ok(!matches.test(other), other)
})

const span = { from: 0, to: 100_000 }
const question = { host: 'h', stable: span, canary: span, version: '2', now: 100_000 }
const reader = (answer: (selector: string) => readonly Series[] | Error) =>
  new GatewayEvidence({
    source: {
      range: async (selector) => {
        const found = answer(selector)
        if (found instanceof Error) throw found
        return found
      },
    },
    maxAgeMs: 15_000,
  })
const never = new AbortController().signal

test('no figures, old ones or no answer are no evidence, and say why', async () => {
  const why = async (answer: (selector: string) => readonly Series[] | Error) => {
    const evidence = await reader(answer).read(question, never)
    return evidence.known ? undefined : evidence.why
  }
  assert.equal(await why(() => []), 'Prometheus has no figures of the gateway yet.')
  assert.equal(await why(() => [answers('2', [0, 1], [80, 5])]), 'The newest figures of the gateway are 20 s old.')
  assert.equal(await why(() => new PrometheusError('Prometheus answered 503.')), 'Prometheus answered 503.')
  assert.equal(await why(() => [answers('2', [0, 1], [90, 5])]), undefined)
})

test('what the pods of the candidate counted stands beside what the gateway did', async () => {
  const evidence = await reader((selector) =>
    selector.startsWith('nd_inference') ? [series({}, [0, 0], [95, 40])] : [answers('2', [0, 0], [95, 41])],
  ).read(question, never)
  assert.ok(evidence.known)
  assert.equal(evidence.seenByPods, 40)
  assert.equal(evidence.figures.canary.requests, 41)
})

test('an answer that cannot be read is refused', () => {
  for (const text of [
    'no JSON',
    '{}',
    '{"data":{"resultType":"vector","result":[]}}',
    '{"data":{"resultType":"matrix","result":[{}]}}',
    '{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"NaN"]]}]}}',
    '{"data":{"resultType":"matrix","result":[{"metric":{},"values":[7]}]}}',
  ])
    assert.throws(() => parseMatrix(text), PrometheusError, text)
  const text = '{"data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1.5,"3"]]}]}}'
  assert.deepEqual(parseMatrix(text), [{ labels: { a: 'b' }, samples: [[1.5, 3]] }])
})
