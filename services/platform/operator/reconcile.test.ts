import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MLInferenceStatus } from '../../../policies/model/ml-inference.ts'
import { silentLog } from '../../common/log/log.ts'
import { ApiError, UnreachableError } from './api/errors.ts'
import { Events } from './api/events.ts'
import type { KindName, KubeObject, Ref } from './api/object.ts'
import { madeKinds } from './desired/desired.ts'
import { inferenceLabel } from './desired/names.ts'
import type { PlanOf } from './plan.ts'
import { type ReconcileOptions, reconcile } from './reconcile.ts'
import { type Call, FakeApi } from './testing/fake-api.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { candidate, cloudRegion, model, seed } from './testing/fixtures.ts'

const key = 'ngfw/threat-detection'
const never = new AbortController().signal
const writes = new Set<Call['verb']>(['apply', 'create', 'replace', 'patch', 'delete'])

/** What the canary controller would say of a resource with a candidate. */
const withCandidate: PlanOf = ({ spec }) => ({
  stable: spec.model,
  ...(spec.canary?.model ? { canary: { model: spec.canary.model, pods: 1 } } : {}),
})

function world(planOf: PlanOf = withCandidate) {
  const api = new FakeApi()
  const clock = new FakeClock()
  const options: ReconcileOptions = {
    api,
    region: cloudRegion,
    clock,
    planOf,
    events: new Events({ api, clock, log: silentLog, controller: 'c', instance: 'i' }),
    made: (namespace, name) => {
      const kinds: readonly KindName[] = ['Pod', ...madeKinds]
      return api
        .all()
        .filter(
          ({ kind, metadata }) =>
            kinds.includes(kind as KindName) &&
            metadata.namespace === namespace &&
            metadata.labels?.[inferenceLabel] === name,
        )
    },
  }
  return { api, clock, options, run: () => reconcile(options, key, never) }
}

/** The world without what differs between two runs that are alike: versions, ids and times. */
const state = (api: FakeApi) =>
  api
    .all()
    .filter(({ kind }) => kind !== 'Event')
    .map(({ metadata: { resourceVersion, uid, generation, ownerReferences, ...metadata }, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, owner: ownerReferences?.map(({ name }) => name) },
    }))

// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const liveSpec = async (api: FakeApi, ref: Ref): Promise<any> => (await api.get(ref))?.spec ?? assert.fail()
const statusOf = (object: KubeObject | undefined) => (object?.status ?? {}) as MLInferenceStatus

const user = { manager: 'user' }
const steps: readonly { readonly what: string; readonly spec: object }[] = [
  { what: 'is made', spec: {} },
  { what: 'gets a model', spec: { model } },
  { what: 'gets a candidate', spec: { model, canary: { model: candidate } } },
  { what: 'loses it, its scaling, and has five pods', spec: { model, replicas: 5, scaling: undefined } },
]
const specOf = (spec: object) => JSON.parse(JSON.stringify(seed(spec))) as KubeObject

test('a run makes everything, and a second one writes nothing', async () => {
  const { api, run } = world()
  await api.apply(seed(), user)
  await run()
  const made = api.all().map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{10}$/, '-#')}`)
  assert.deepEqual(made, [
    ...['ConfigMap threat-detection-stable-#', 'Service threat-detection', 'Deployment threat-detection-stable'],
    ...['ScaledObject threat-detection', 'DestinationRule threat-detection', 'VirtualService threat-detection'],
    ...['MLInference threat-detection', 'PodDisruptionBudget threat-detection-stable'],
  ])
  const before = api.all()
  await run()
  assert.deepEqual(api.all(), before)
})

/** Walks the steps; `disturb` may throw at each call, which ends the run as a killed process would. */
async function walk(disturb: (call: Call, index: number, when: 'before' | 'after') => void) {
  const { api, run, clock } = world()
  let index = 0
  for (const { spec } of steps) {
    api.before = () => {}
    api.after = () => {}
    await api.apply(specOf(spec), user)
    api.before = (call) => disturb(call, index, 'before')
    api.after = (call) => disturb(call, index++, 'after')
    for (let attempt = 0; ; attempt++) {
      assert.ok(attempt < 10, 'it does not come to an end')
      await clock.tick(1_000)
      try {
        await run()
        break
      } catch (error) {
        if (!(error instanceof Killed || error instanceof ApiError || error instanceof UnreachableError)) throw error
      }
    }
  }
  return { calls: index, state: state(api) }
}

class Killed extends Error {}

const timeless = (states: ReturnType<typeof state>) =>
  JSON.parse(JSON.stringify(states).replaceAll(/"lastTransitionTime":"[^"]*"/g, '"lastTransitionTime":""'))

test('a run that ends before or after any call, and is begun anew, ends in the same state as an undisturbed one', async () => {
  const calm = await walk(() => {})
  for (const when of ['before', 'after'] as const)
    for (let at = 0; at < calm.calls; at++) {
      let done = false
      const disturbed = await walk((_, index, now) => {
        if (done || index !== at || now !== when) return
        done = true
        throw new Killed()
      })
      assert.ok(done)
      assert.deepEqual(timeless(disturbed.state), timeless(calm.state), `killed ${when} call ${at}`)
    }
})

test('refusals that pass change nothing either: conflicts, too many requests, broken servers', async () => {
  const calm = await walk(() => {})
  for (const [status, reason] of [
    [409, 'Conflict'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
  ] as const)
    for (let at = 0; at < calm.calls; at++) {
      let done = false
      const disturbed = await walk((call, index, now) => {
        if (done || index < at || now !== 'before' || !writes.has(call.verb)) return
        done = true
        throw new ApiError(status, { reason })
      })
      assert.deepEqual(timeless(disturbed.state), timeless(calm.state), `${status} at call ${at}`)
    }
})

test('the weights are the canary controller’s: runs leave them as they are', async () => {
  const { api, run } = world()
  await api.apply(specOf({ model, canary: { model: candidate } }), user)
  await run()
  const ref = { kind: 'VirtualService', namespace: 'ngfw', name: 'threat-detection' } as const
  const { http } = await liveSpec(api, ref)
  for (const { route } of http) for (const to of route) to.weight = to.destination.subset === 'stable' ? 75 : 25
  await api.patch(ref, [{ op: 'replace', path: '/spec/http', value: http }], { manager: 'canary' })
  await api.apply(specOf({ model, canary: { model: candidate }, calls: { timeout: '9s' } }), user)
  await run()
  const after = await liveSpec(api, ref)
  assert.deepEqual(
    after.http.map((one: { timeout: string; route: { weight: number }[] }) => [
      one.timeout,
      ...one.route.map((to) => to.weight),
    ]),
    [
      ['9s', 75, 25],
      ['9s', 75, 25],
    ],
  )
})

test('weights that change between the look and the write are not written over', async () => {
  const { api, run } = world()
  await api.apply(specOf({}), user)
  await run()
  await api.apply(specOf({ calls: { timeout: '9s' } }), user)
  const ref = { kind: 'VirtualService', namespace: 'ngfw', name: 'threat-detection' } as const
  let once = true
  const slow = api.apply.bind(api)
  api.apply = async (object, options) => {
    if (object.kind === 'VirtualService' && once) {
      once = false
      await api.patch(ref, [{ op: 'add', path: '/metadata/annotations', value: { moved: 'yes' } }], {
        manager: 'canary',
      })
    }
    return slow(object, options)
  }
  await assert.rejects(run(), { code: 'API_REFUSED', reason: 'Conflict' })
  await run()
})

test('an object of the same name that is somebody else’s is left alone, and the resource says so once', async () => {
  const { api, run } = world()
  const foreign = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'threat-detection', namespace: 'ngfw' },
    spec: {},
  }
  await api.apply(foreign, user)
  await api.apply(seed(), user)
  for (let i = 0; i < 3; i++) await assert.rejects(run(), { code: 'FOREIGN_OBJECT' })
  const [live] = api.all().filter(({ kind }) => kind === 'Service')
  assert.equal(live?.metadata.ownerReferences, undefined)
  const [resource] = api.all().filter(({ kind }) => kind === 'MLInference')
  const accepted = statusOf(resource).conditions?.find(({ type }) => type === 'Accepted')
  assert.equal(accepted?.status, 'False')
  assert.match(accepted?.message ?? '', /rename the resource, or delete that object/)
  assert.equal(api.all().filter(({ kind }) => kind === 'Event').length, 1)
})

test('a refusal of the API server stands in the resource, in its words', async () => {
  const { api, run } = world()
  await api.apply(seed(), user)
  api.before = ({ verb, kind }) => {
    if (verb === 'apply' && kind === 'Deployment')
      throw new ApiError(403, { reason: 'Forbidden', message: 'exceeded quota' })
  }
  await assert.rejects(run(), { status: 403 })
  const [resource] = api.all().filter(({ kind }) => kind === 'MLInference')
  assert.match(JSON.stringify(resource?.status), /exceeded quota/)
})

test('a resource that is deleted: the autoscaler and the routes go first, then the rest', async () => {
  const { api, run } = world()
  await api.apply(seed(), user)
  await run()
  const [resource] = api.all().filter(({ kind }) => kind === 'MLInference')
  const uid = resource?.metadata.uid ?? assert.fail()
  const ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' } as const
  await api.delete(ref, { uid })
  assert.ok(await api.get(ref), 'it waits for its operator')
  await run()
  const gone = api.calls.filter(({ verb }) => verb === 'delete').map(({ kind }) => kind)
  assert.deepEqual(gone, ['MLInference', 'ScaledObject', 'VirtualService', 'DestinationRule'])
  assert.deepEqual(api.all(), [])
  await run()
})

test('a ScaledObject that nobody finalizes holds the deletion up for a while, and no longer', async () => {
  const { api, run, clock } = world()
  await api.apply(seed(), user)
  await run()
  const scaled = { kind: 'ScaledObject', namespace: 'ngfw', name: 'threat-detection' } as const
  await api.patch(scaled, [{ op: 'add', path: '/metadata/finalizers', value: ['finalizer.keda.sh'] }], {
    manager: 'keda',
  })
  const ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' } as const
  const uid = (await api.get(ref))?.metadata.uid ?? assert.fail()
  await api.delete(ref, { uid })
  await api.patch(
    ref,
    [{ op: 'replace', path: '/metadata/deletionTimestamp', value: clock.date().toISOString() }],
    user,
  )
  assert.deepEqual(await run(), { again: 1_000 })
  assert.ok(await api.get({ ...scaled, kind: 'VirtualService' }), 'the routes wait for it')
  await clock.tick(121_000)
  await run()
  assert.equal(await api.get(ref), undefined)
  assert.ok(api.all().some(({ kind, reason }) => kind === 'Event' && reason === 'FinalizeTimeout'))
})

test('a list of models stays for as long as a pod mounts it', async () => {
  const { api, run } = world()
  await api.apply(seed(), user)
  await run()
  const [old] = api.all().filter(({ kind }) => kind === 'ConfigMap')
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ngfw', labels: { [inferenceLabel]: 'threat-detection' } },
    spec: { volumes: [{ name: 'models', configMap: { name: old?.metadata.name } }] },
  }
  const { metadata } = await api.apply(pod, user)
  await api.apply(specOf({ model }), user)
  await run()
  assert.equal(api.all().filter(({ kind }) => kind === 'ConfigMap').length, 2)
  await api.delete({ kind: 'Pod', namespace: 'ngfw', name: 'p' }, { uid: metadata.uid ?? '' })
  await run()
  assert.equal(api.all().filter(({ kind }) => kind === 'ConfigMap').length, 1)
})

test('a resource of the same name that comes later does not inherit the finalizer or the status of the first', async () => {
  const { api, run } = world()
  await api.apply(seed(), user)
  let once = true
  api.before = ({ verb, kind }) => {
    if (verb !== 'apply' || kind !== 'MLInference' || !once) return
    once = false
    throw new UnreachableError('lost')
  }
  await assert.rejects(run())
  const ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' } as const
  const uid = (await api.get(ref))?.metadata.uid ?? assert.fail()
  await api.delete(ref, { uid })
  await assert.rejects(
    api.apply({ ...seed(), metadata: { ...seed().metadata, uid, finalizers: ['x'] } }, { manager: 'm' }),
    { status: 409 },
  )
  assert.equal(await api.get(ref), undefined)
})
