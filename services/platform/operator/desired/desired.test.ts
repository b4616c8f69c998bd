import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { metricQuery } from '../../../../policies/autoscaling.ts'
import { services } from '../../../../policies/services.ts'
import { parseModelList } from '../../../common/inference/model-list.ts'
import type { KubeObject } from '../api/object.ts'
import { inferenceOf } from '../inference.ts'
import { candidate, cloudRegion, model, region, seed } from '../testing/fixtures.ts'
import { desired, type Observed } from './desired.ts'
import { initialWeights, weightsOf } from './mesh.ts'

const inference = (spec: object = {}) => {
  const object = seed(spec)
  return inferenceOf({ ...object, metadata: { ...object.metadata, uid: 'u' } })
}
const observed = (spec: object = {}, more: Partial<Observed> = {}): Observed => ({
  plan: { stable: inference(spec).spec.model },
  serves: { mesh: true, keda: true },
  weights: initialWeights,
  ...more,
})
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const find = (objects: readonly KubeObject[], kind: string, name: string): any =>
  objects.find((object) => object.kind === kind && object.metadata.name === name) ?? assert.fail(`no ${kind} ${name}`)
const textOf = (list: KubeObject | undefined) =>
  (list?.data as Record<string, string> | undefined)?.['models.json'] ?? ''
const names = (objects: readonly KubeObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)

test('the resource of the design document becomes a service with three pods of the built-in model', () => {
  const { objects, said } = desired(inference(), region, observed())
  const kinds = objects.map(({ kind }) => kind)
  assert.deepEqual(kinds, [
    ...['ConfigMap', 'Service', 'PodDisruptionBudget', 'Deployment', 'DestinationRule', 'VirtualService'],
  ])
  const { spec } = find(objects, 'Deployment', 'threat-detection-stable')
  assert.equal(spec.replicas, 3)
  assert.deepEqual(spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 })
  const [container] = spec.template.spec.containers
  assert.deepEqual(container.resources, {
    requests: { cpu: '200m', memory: '4Gi' },
    limits: { memory: '4Gi' },
  })
  assert.equal(said.Accelerated.reason, 'NoGPUHere')
  const [list] = objects
  assert.deepEqual(
    parseModelList(textOf(list)).map(({ name, uri }) => [name, uri.href]),
    [['threat-detection', 'file:///models/flow-classifier/1/model.onnx']],
  )
})

test('a region with GPUs gives one, on its machines', () => {
  const { objects, said } = desired(inference(), cloudRegion, observed())
  const pod = find(objects, 'Deployment', 'threat-detection-stable').spec.template.spec
  assert.equal(pod.containers[0].resources.limits['nvidia.com/gpu'], '1')
  assert.deepEqual(pod.nodeSelector, { pool: 'gpu' })
  assert.equal(said.Accelerated.status, 'True')
  const none = desired(inference({ accelerator: 'none' }), cloudRegion, observed())
  const bare = find(none.objects, 'Deployment', 'threat-detection-stable').spec.template.spec
  assert.equal(bare.containers[0].resources.limits['nvidia.com/gpu'], undefined)
  assert.deepEqual(bare.nodeSelector, { pool: 'general' })
})

test("accelerator 'gpu' waits for one also where there is none", () => {
  const { objects, said } = desired(inference({ accelerator: 'gpu' }), region, observed())
  const pod = find(objects, 'Deployment', 'threat-detection-stable').spec.template.spec
  assert.equal(pod.containers[0].resources.requests['nvidia.com/gpu'], '1')
  assert.equal(said.Accelerated.reason, 'WaitsForGPU')
})

test('a small region gives no pod more than it has, and says so', () => {
  const small = { ...region, largest: { cpu: '1', memory: '512Mi' } } as const
  const { objects, said } = desired(inference(), small, observed())
  const [container] = find(objects, 'Deployment', 'threat-detection-stable').spec.template.spec.containers
  assert.equal(container.resources.limits.memory, '512Mi')
  assert.equal(said.Sized.reason, 'LargestPod')
  assert.match(said.Sized.message, /instead of 200m and 4Gi/)
})

test('a candidate has its own list, pods and budget; the service and the routes are both subsets’', () => {
  const spec = { model, canary: { model: candidate } }
  const plan = { stable: model, canary: { model: candidate, pods: 2 } }
  const { objects } = desired(inference(spec), region, observed(spec, { plan, weights: { stable: 90, canary: 10 } }))
  const stable = find(objects, 'Deployment', 'threat-detection-stable').spec
  const canary = find(objects, 'Deployment', 'threat-detection-canary').spec
  assert.equal(canary.replicas, 2)
  const listOf = (deployment: typeof stable) =>
    deployment.template.spec.volumes.find((volume: { name: string }) => volume.name === 'models').configMap.name
  assert.notEqual(listOf(stable), listOf(canary))
  assert.deepEqual(find(objects, 'Service', 'threat-detection').spec.selector, {
    'neurodefender.io/inference': 'threat-detection',
  })
  const { http } = find(objects, 'VirtualService', 'threat-detection').spec
  for (const { route } of http)
    assert.deepEqual(
      route.map((to: { weight: number; destination: { subset: string } }) => [to.destination.subset, to.weight]),
      [
        ['stable', 90],
        ['canary', 10],
      ],
    )
  assert.deepEqual(weightsOf(find(objects, 'VirtualService', 'threat-detection')), { stable: 90, canary: 10 })
})

test('another model is another list and another template; the same is the same, byte for byte', () => {
  const of = (spec: object) => desired(inference(spec), region, observed(spec)).objects
  assert.deepEqual(of({ model }), of({ model }))
  assert.notDeepEqual(names(of({ model })), names(of({ model: candidate })))
})

test('calls are the resource’s, and the policy’s where it says nothing', () => {
  const calls = {
    timeout: '3s',
    connections: { most: 7, pending: 5 },
    outlier: { errors: 9, interval: '1s', ejection: '2s', mostEjected: 0.25 },
  }
  const { objects } = desired(inference({ calls }), region, observed())
  const { connectionPool, outlierDetection } = find(objects, 'DestinationRule', 'threat-detection').spec.trafficPolicy
  assert.deepEqual(connectionPool.http, { http1MaxPendingRequests: 5, http2MaxRequests: 7, idleTimeout: '30s' })
  assert.deepEqual([outlierDetection.consecutive5xxErrors, outlierDetection.maxEjectionPercent], [9, 25])
  const [grpc, rest] = find(objects, 'VirtualService', 'threat-detection').spec.http
  assert.deepEqual([grpc.timeout, rest.timeout], ['3s', '3s'])
  assert.deepEqual(rest.retries, { attempts: 0 })
  const policy = desired(inference(), region, observed()).objects
  assert.deepEqual(find(policy, 'VirtualService', 'threat-detection').spec.http[1].retries, {
    attempts: 2,
    perTryTimeout: '500ms',
    retryOn: 'connect-failure,refused-stream,reset,unavailable,503',
  })
})

test('without Istio and KEDA their objects are left out, and the conditions say why', () => {
  const { objects, said } = desired(inference(), cloudRegion, observed({}, { serves: { mesh: false, keda: false } }))
  assert.ok(!objects.some(({ kind }) => ['VirtualService', 'DestinationRule', 'ScaledObject'].includes(kind)))
  assert.deepEqual([said.Routed.reason, said.Autoscaled.reason], ['NotInstalled', 'NotInstalled'])
})

test('KEDA scales the resource itself, by the requests for its model', () => {
  const { objects, said } = desired(inference(), cloudRegion, observed())
  const { spec } = find(objects, 'ScaledObject', 'threat-detection')
  assert.deepEqual(spec.scaleTargetRef, {
    apiVersion: 'neurodefender.io/v1',
    kind: 'MLInference',
    name: 'threat-detection',
  })
  assert.deepEqual([spec.minReplicaCount, spec.maxReplicaCount], [2, 10])
  assert.deepEqual(
    spec.triggers.map((one: { metadata: { query: string; threshold: string } }) => [
      one.metadata.query,
      one.metadata.threshold,
    ]),
    [[metricQuery('ml-inference', services['ml-inference'].metrics.qps, '60s', { model: 'threat-detection' }), '1000']],
  )
  assert.equal(said.Autoscaled.status, 'True')
})

test('a row of the matrix by name gives metrics and bounds, and what the resource says goes before', () => {
  const scaling = { policy: 'ml_inference', maxReplicas: 4 }
  const { objects } = desired(inference({ scaling }), cloudRegion, observed())
  const { spec } = find(objects, 'ScaledObject', 'threat-detection')
  assert.deepEqual([spec.minReplicaCount, spec.maxReplicaCount, spec.triggers.length], [2, 4, 3])
})

test('forecasts scale a resource that says so, if a pod may have of a metric what they are made for', () => {
  const scaled = (more: object, averageValue = 1_000) => {
    const spec = { scaling: { metrics: [{ type: 'QPS', averageValue }], minReplicas: 2, maxReplicas: 10 }, ...more }
    const { objects, said } = desired(inference(spec), cloudRegion, observed())
    const { triggers } = find(objects, 'ScaledObject', 'threat-detection').spec
    const queries = triggers.map((one: { metadata: { query: string } }) => one.metadata.query)
    return { queries, message: said.Autoscaled.message ?? '' }
  }
  const on = scaled({ prediction: 'on' })
  assert.equal(on.queries.length, 2)
  // A forecaster that is gone says 0, for a trigger that fails would hold the pods.
  const own = 'nd_forecast_value{service="ml-inference",metric="qps",model="threat-detection"}'
  assert.equal(on.queries[1], `sum(max by (model) (${own})) or vector(0)`)
  assert.doesNotMatch(on.message, /foreseen/)
  for (const prediction of ['off', 'preview']) assert.equal(scaled({ prediction }).queries.length, 1, prediction)
  const other = scaled({ prediction: 'on' }, 50)
  assert.equal(other.queries.length, 1)
  assert.match(other.message, /Nothing is foreseen of it/)
})

test('processors are measured of the resource’s own pods, which say whose they are', () => {
  const scaling = { metrics: [{ type: 'GPUUtilization', averageValue: 70, windowSeconds: 60 }] }
  const { objects } = desired(inference({ scaling }), cloudRegion, observed())
  const { spec } = find(objects, 'ScaledObject', 'threat-detection')
  assert.equal(
    spec.triggers[0].metadata.query,
    'avg(avg_over_time(nd_gpu_utilization_percent{job="ml-inference",inference="threat-detection"}[60s]))',
  )
  const [container] = find(objects, 'Deployment', 'threat-detection-stable').spec.template.spec.containers
  assert.deepEqual(
    container.env.filter(({ name }: { name: string }) => name === 'ND_INFERENCE'),
    [{ name: 'ND_INFERENCE', value: 'threat-detection' }],
  )
})

test('metrics that nobody measures are named, and scale nothing', () => {
  const metrics = [{ type: 'LatencyP99', averageValue: 0.1 }]
  const scaling = { metrics, minReplicas: 1, maxReplicas: 3 }
  const { objects, said } = desired(inference({ scaling }), cloudRegion, observed())
  assert.ok(!objects.some(({ kind }) => kind === 'ScaledObject'))
  assert.match(said.Autoscaled.message, /Nobody measures latency_p99/)
})

test('whatever the resource says, every object is its own, and pods are found by exactly their subset', () => {
  const spec = fc.record({
    replicas: fc.nat(20),
    accelerator: fc.constantFrom('auto', 'gpu', 'none'),
    resources: fc.option(
      fc.record({
        requests: fc.record(
          {
            cpu: fc.constantFrom('1', '250m'),
            memory: fc.constantFrom('4Gi', '512Mi', '1000000'),
            gpu: fc.constantFrom('0', '1'),
          },
          { requiredKeys: [] },
        ),
      }),
      { nil: undefined },
    ),
  })
  fc.assert(
    fc.property(
      spec,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 0, max: 5 }),
      fc.nat(100),
      fc.constantFrom(region, cloudRegion),
      (wanted, mesh, keda, pods, canary, where) => {
        const plan = { stable: model, ...(pods > 0 ? { canary: { model: candidate, pods } } : {}) }
        const weights = { stable: 100 - canary, canary }
        const { objects } = desired(inference({ ...wanted, model }), where, { plan, serves: { mesh, keda }, weights })
        assert.equal(new Set(names(objects)).size, objects.length)
        for (const { metadata, kind, ...rest } of objects) {
          assert.equal(metadata.ownerReferences?.[0]?.uid, 'u')
          assert.equal(metadata.namespace, 'ngfw')
          assert.equal(metadata.labels?.['neurodefender.io/inference'], 'threat-detection')
          // Server-side apply takes null and undefined for something else than absence.
          assert.doesNotMatch(JSON.stringify(rest), /null/)
          if (kind !== 'Deployment') continue
          const { selector, template } = rest.spec as {
            selector: { matchLabels: Record<string, string> }
            template: { metadata: { labels: Record<string, string> }; spec: { containers: object[] } }
          }
          for (const [label, value] of Object.entries(selector.matchLabels))
            assert.equal(template.metadata.labels[label], value)
        }
        if (mesh) assert.deepEqual(weightsOf(find(objects, 'VirtualService', 'threat-detection')), weights)
      },
    ),
  )
})
