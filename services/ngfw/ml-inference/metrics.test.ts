import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { inferenceMetrics } from './metrics.ts'
import { FakeEngine, modelOf } from './testing/fake-engine.ts'

const request = (first: number) => ({
  id: undefined,
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [2, 2], data: new Float32Array([first, 1, 2, 3]) }],
  outputs: [],
  deadlineAt: Number.POSITIVE_INFINITY,
})

function world(provider: 'cpu' | 'cuda' = 'cpu', inference = '') {
  const metrics = createMetrics({ process: false })
  let time = 0
  const model = modelOf(new FakeEngine({ provider }), { name: 'a', version: '2' })
  const repository = {
    loaded: () => [model],
    index: () => [
      { name: 'a', version: '2', state: 'READY' as const, reason: '' },
      { name: 'b', version: '1', state: 'LOADING' as const, reason: '' },
    ],
  }
  const watcher = inferenceMetrics(metrics, repository, { objectiveSeconds: 0.1, inference, now: () => time })
  const lines = async (name: string) => (await metrics.text()).split('\n').filter((line) => line.startsWith(name))
  const pass = (ms: number): void => {
    time += ms
  }
  return { model, watcher, lines, pass }
}

test('what models count is told by Triton’s names and by outcome', async () => {
  const { model, lines } = world()
  await Promise.allSettled([model.infer(request(1)), model.infer(request(1)), model.infer(request(-1))])
  const of = '{model="a",version="2"}'
  assert.deepEqual(await lines('nv_inference_request_success'), [`nv_inference_request_success${of} 2`])
  assert.deepEqual(await lines('nv_inference_request_failure'), [`nv_inference_request_failure${of} 1`])
  assert.deepEqual(await lines('nv_inference_count'), [`nv_inference_count${of} 4`])
  assert.deepEqual(await lines('nv_inference_exec_count'), [`nv_inference_exec_count${of} 2`])
  assert.deepEqual(await lines('nd_inference_requests_total'), [
    'nd_inference_requests_total{model="a",version="2",outcome="ok"} 2',
    'nd_inference_requests_total{model="a",version="2",outcome="internal"} 1',
  ])
  assert.deepEqual(await lines('nd_inference_model_ready'), [
    'nd_inference_model_ready{model="a",version="2"} 1',
    'nd_inference_model_ready{model="b",version="1"} 0',
  ])
})

test('before anybody asked there are no requests, which is not the same as nobody knows', async () => {
  const { lines } = world()
  assert.deepEqual(await lines('nd_inference_requests_total'), [
    'nd_inference_requests_total{model="a",version="2",outcome="ok"} 0',
  ])
})

test('the busy share is of the time between two scrapes, and none of ours where a GPU is measured', async () => {
  const { model, lines, pass } = world()
  model.stats.busyMs = 100
  pass(1_000)
  assert.deepEqual(await lines('nd_gpu_utilization_percent'), ['nd_gpu_utilization_percent 10'])
  pass(500)
  assert.deepEqual(await lines('nd_gpu_utilization_percent'), ['nd_gpu_utilization_percent 0'])
  model.stats.busyMs = 10_000
  pass(500)
  assert.deepEqual(await lines('nd_gpu_utilization_percent'), ['nd_gpu_utilization_percent 100'])
  assert.deepEqual(await world('cuda').lines('nd_gpu_utilization_percent'), [])
  // A pod that its operator made says whose it is.
  const own = 'nd_gpu_utilization_percent{inference="threats"}'
  assert.deepEqual(await world('cpu', 'threats').lines('nd_gpu_utilization_percent'), [`${own} 0`])
  assert.deepEqual(await world('cuda', 'threats').lines('nd_gpu_utilization_percent'), [])
})

test('the promised latency is a bound of the histogram', async () => {
  const { watcher, lines } = world()
  const { answered, executed } = watcher({ name: 'a', version: '2' })
  answered(0.09)
  executed(3)
  const bucket = (name: string, le: string) => `${name}_bucket{le="${le}",model="a",version="2"} 1`
  assert.ok((await lines('nd_inference_duration_seconds')).includes(bucket('nd_inference_duration_seconds', '0.1')))
  assert.ok((await lines('nd_inference_batch_rows')).includes(bucket('nd_inference_batch_rows', '4')))
})
