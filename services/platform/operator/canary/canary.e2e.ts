import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { traffic } from '../../../../policies/traffic.ts'
import { type InferencePlane, inferencePlane } from '../../../../tools/operator/plane.ts'
import { Client } from '../api/client.ts'
import { systemClock } from '../api/clock.ts'
import { ApiError } from '../api/errors.ts'
import type { KubeObject } from '../api/object.ts'
import type { Inference } from '../inference.ts'
import { reconcile } from '../reconcile.ts'
import { candidate, model, region, seed } from '../testing/fixtures.ts'
import { CanaryController } from './controller.ts'
import { desired, modelId } from './desired.ts'
import { KubernetesCluster } from './kubernetes.ts'
import { type Behaviour, both, Callers, sound } from './testing/traffic.ts'
import type { Evidence } from './walk/seen.ts'

// The operator's runs and the canary's before a real API server with its controllers; pods run on paper, and figures are drawn.
let ground: InferencePlane
let api: Client

before(async () => {
  ground = await inferencePlane()
  const account = { metadata: { name: region.account } }
  const path = '/api/v1/namespaces/ngfw/serviceaccounts'
  await ground.plane.cluster.connection.send({ method: 'POST', path, body: account })
  api = new Client(ground.transport)
})
after(() => ground?.stop())

const ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' } as const
const key = 'ngfw/threat-detection'
const limitMs = 240_000

/** A walk of a candidate that behaves so, to its end. Answers the weights, in their order, and what was told. */
async function walk(behaviour: Behaviour): Promise<{ weights: number[]; told: string[]; resource: Inference }> {
  const signal = AbortSignal.timeout(limitMs)
  const callers = new Callers(7)
  const told: string[] = []
  const weights: number[] = []
  const events = { tell: async (_: KubeObject, { reason }: { reason: string }) => void told.push(reason) }
  const cluster = new KubernetesCluster({ api, events })
  const controller = new CanaryController({
    cluster,
    evidence: {
      read: async (): Promise<Evidence> => {
        const { stable, canary } = callers.call(20_000, 50, { stable: sound, canary: behaviour })
        return { known: true, figures: both(stable, canary) }
      },
    },
    policy: { ...traffic.canary, drain: '1s' },
    domain: region.domain,
    lookMs: 200,
    now: () => Date.now(),
  })
  for (;;) {
    signal.throwIfAborted()
    try {
      await reconcile(
        {
          api,
          region,
          clock: systemClock,
          events,
          made: () => [],
          planOf: desired,
          after: (inference, end) => controller.reconcile(inference, end),
        },
        key,
        signal,
      )
    } catch (error) {
      // Somebody wrote between reading and writing: the queue begins again, and so does this.
      if (!(error instanceof ApiError && [409, 422].includes(error.status))) throw error
    }
    const resource = (await api.get(ref, signal)) as Inference
    const weight = (await cluster.route(resource, signal))?.weight ?? 0
    if (weight !== (weights.at(-1) ?? 0)) weights.push(weight)
    const { phase } = resource.status?.canary ?? {}
    if (phase === 'Promoted' || phase === 'RolledBack') return { weights, told, resource }
    await delay(100)
  }
}

const spec = { model, canary: { model: candidate, interval: '1s', deadline: '10m' } }

test('a candidate walks to the whole and back to the stable pods, on a real API server', async () => {
  await api.create(seed(spec))
  const { weights, told, resource } = await walk(sound)
  assert.deepEqual(weights, [10, 50, 100, 0])
  assert.equal(resource.status?.canary?.phase, 'Promoted')
  for (const reason of ['Started', 'Shifting', 'Growing', 'Promoting', 'Promoted'])
    assert.ok(told.includes(reason), reason)
  const stable = await api.get({ kind: 'Deployment', namespace: 'ngfw', name: 'threat-detection-stable' })
  assert.equal(stable?.metadata.annotations?.['neurodefender.io/model'], modelId(candidate))
  // Each writer has its own fields, and what the operator says of the resource stands beside the canary's.
  const { managedFields = [] } = resource.metadata as {
    managedFields?: { manager: string; subresource?: string; fieldsV1: object }[]
  }
  const owned = (manager: string): readonly string[] =>
    managedFields
      .filter((one) => one.manager === manager && one.subresource === 'status')
      .flatMap(({ fieldsV1 }) => Object.keys((fieldsV1 as { 'f:status'?: object })['f:status'] ?? {}))
  assert.deepEqual(owned('neurodefender-canary'), ['f:canary'])
  assert.ok(owned('neurodefender-operator').includes('f:conditions'))
  assert.ok(!owned('neurodefender-operator').includes('f:canary'))
  assert.ok((resource.status?.conditions ?? []).length > 0)
})

test('the spec catches up: the status forgets the walk, and no pod changes', async () => {
  const before = await api.get({ kind: 'Deployment', namespace: 'ngfw', name: 'threat-detection-stable' })
  const found = await api.get(ref)
  const { resourceVersion } = found!.metadata
  await api.replace({
    ...found!,
    metadata: { ...found!.metadata, resourceVersion: resourceVersion! },
    spec: { ...(found!.spec as object), model: candidate, canary: {} },
  })
  const cluster = new KubernetesCluster({ api, events: { tell: async () => {} } })
  const signal = AbortSignal.timeout(limitMs)
  const now = (await api.get(ref, signal)) as Inference
  assert.deepEqual(desired(now), { stable: candidate, canary: undefined })
  await cluster.say(now, undefined, signal)
  assert.equal(((await api.get(ref, signal)) as Inference).status?.canary, undefined)
  const after_ = await api.get({ kind: 'Deployment', namespace: 'ngfw', name: 'threat-detection-stable' })
  assert.equal(after_?.metadata.generation, before?.metadata.generation)
})

test('a candidate that fails goes, on a real API server', async () => {
  const third = { ...candidate, version: '3', sha256: 'c'.repeat(64) }
  const found = await api.get(ref)
  await api.replace({ ...found!, spec: { ...(found!.spec as object), canary: { ...spec.canary, model: third } } })
  const { weights, resource } = await walk({ ...sound, errors: 0.05 })
  assert.deepEqual(weights, [10, 0])
  assert.equal(resource.status?.canary?.reason, 'TooManyErrors')
  assert.deepEqual(desired(resource), { stable: candidate, canary: undefined })
})
