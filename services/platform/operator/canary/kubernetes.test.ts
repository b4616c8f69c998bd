import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanaryStatus } from '../../../../policies/model/ml-inference.ts'
import type { KubeObject } from '../api/object.ts'
import { virtualService } from '../desired/mesh.ts'
import { modelAnnotation, selectorOf } from '../desired/names.ts'
import { inferenceOf } from '../inference.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { candidate, model, region, seed } from '../testing/fixtures.ts'
import { modelId } from './desired.ts'
import { KubernetesCluster } from './kubernetes.ts'

const signal = new AbortController().signal

/** The resource, its route, a stable Deployment of two pods, and a pod of each kind. */
async function stand() {
  const api = new FakeApi()
  const told: string[] = []
  const cluster = new KubernetesCluster({
    api,
    events: { tell: async (_, { reason }) => void told.push(reason) },
  })
  const inference = inferenceOf(await api.create(seed({ model, canary: { model: candidate } })))
  await api.create(virtualService(inference, region, { stable: 100, canary: 0 }))
  return { api, cluster, inference, told }
}

const state: CanaryStatus = {
  model: candidate,
  candidate: modelId(candidate),
  replaces: modelId(model),
  phase: 'Scaling',
  stable: 'current',
  step: 0,
  weight: 0,
  pods: 2,
  startedAt: '2026-01-01T00:00:00.000Z',
  since: '2026-01-01T00:00:00.000Z',
  deadline: '2026-01-01T01:00:00.000Z',
  reason: 'Started',
  message: 'Candidate 2 gets its first pods.',
}

const weights = ({ spec }: KubeObject) =>
  (spec as { http: { route: { weight: number }[] }[] }).http.map(({ route }) => route.map(({ weight }) => weight))

test('the weights of all routes change at once, and nothing else of them', async () => {
  const { api, cluster, inference } = await stand()
  const ref = { kind: 'VirtualService', namespace: 'ngfw', name: 'threat-detection' } as const
  const before = await api.get(ref)
  const route = await cluster.route(inference, signal)
  assert.equal(route?.weight, 0)
  await cluster.shift(inference, route!, 10, signal)
  const after = await api.get(ref)
  assert.deepEqual(weights(after!), [
    [90, 10],
    [90, 10],
  ])
  const without = (object: KubeObject) => JSON.stringify(object.spec).replaceAll(/"weight":\d+/g, '')
  assert.equal(without(after!), without(before!))
  assert.equal((await cluster.route(inference, signal))?.weight, 10)
  // Somebody else wrote since it was read.
  await assert.rejects(cluster.shift(inference, route!, 50, signal))
  assert.deepEqual(weights((await api.get(ref))!)[0], [90, 10])
})

test('routes that differ have no share of the canary’s making', async () => {
  const { api, cluster, inference } = await stand()
  const ref = { kind: 'VirtualService', namespace: 'ngfw', name: 'threat-detection' } as const
  await api.patch(ref, [{ op: 'replace', path: '/spec/http/1/route/1/weight', value: 40 }], { manager: 'somebody' })
  const route = await cluster.route(inference, signal)
  assert.equal(route?.weight, -1)
  await cluster.shift(inference, route!, 0, signal)
  assert.deepEqual(weights((await api.get(ref))!), [
    [100, 0],
    [100, 0],
  ])
})

test('the status is its own, beside the operator’s, and only on the version that was read', async () => {
  const { api, cluster, inference } = await stand()
  const ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' } as const
  const { uid, resourceVersion } = inference.metadata
  const { apiVersion, kind } = inference
  await api.apply(
    {
      apiVersion,
      kind,
      metadata: { name: ref.name, namespace: ref.namespace, uid, resourceVersion: resourceVersion! },
      status: { replicas: 3 },
    },
    { manager: 'neurodefender-operator', subresource: 'status' },
  )
  await assert.rejects(cluster.say(inference, state, signal))
  await cluster.say(inferenceOf((await api.get(ref))!), state, signal)
  assert.deepEqual((await api.get(ref))!.status, { replicas: 3, canary: state })
  await cluster.say(inferenceOf((await api.get(ref))!), undefined, signal)
  assert.deepEqual((await api.get(ref))!.status, { replicas: 3 })
})

const pod = (name: string, subset: 'stable' | 'canary', ready: boolean, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ngfw', labels: selectorOf('threat-detection', subset), ...more },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

test('only pods that are ready and stay count, and a rollout counts when it is through', async () => {
  const { api, cluster, inference } = await stand()
  await api.create(pod('a', 'stable', true))
  await api.create(pod('b', 'stable', false))
  await api.create(pod('c', 'stable', true, { deletionTimestamp: '2026-01-01T00:00:00Z' }))
  await api.create(pod('d', 'canary', true))
  const deployment = (available: number): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'threat-detection-stable',
      namespace: 'ngfw',
      annotations: { [modelAnnotation]: modelId(model) },
    },
    spec: { replicas: 2 },
    status: { observedGeneration: 9, replicas: 2, updatedReplicas: 2, availableReplicas: available },
  })
  await api.create(deployment(1))
  assert.deepEqual(await cluster.pods(inference, signal), {
    stable: { ready: 1, settledOn: undefined },
    canary: { ready: 1, settledOn: undefined },
  })
  const ref = { kind: 'Deployment', namespace: 'ngfw', name: 'threat-detection-stable' } as const
  await api.patch(ref, [{ op: 'replace', path: '/status', value: deployment(2).status }], { manager: 'test' })
  assert.equal((await cluster.pods(inference, signal)).stable.settledOn, modelId(model))
})
