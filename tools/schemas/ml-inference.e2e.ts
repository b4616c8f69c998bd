import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { mlInferenceDefinition } from '../../infra/kubernetes/crds/ml-inference.ts'
import type { Manifest } from '../../infra/kubernetes/synthesize.ts'
import { ensure } from '../engine/ensure.ts'
import { type ControlPlane, startControlPlane } from '../engine/pulumi/testing/control-plane.ts'
import { define, objections } from './testing/dry-run.ts'

// A real API server takes the definition, and refuses a bad object with a sentence that says what to do.
let plane: ControlPlane

before(async () => {
  const tools = await ensure(['kubernetes', 'etcd'])
  plane = await startControlPlane((name) => tools.bin(name))
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'mlinferences.neurodefender.io' },
    spec: mlInferenceDefinition,
  }
  await define(plane.cluster, [definition as unknown as Manifest])
})

after(() => plane?.stop())

/** The resource as the design document writes it. */
const seed = {
  replicas: 3,
  scaling: { metrics: [{ type: 'QPS', averageValue: 1000 }], minReplicas: 2, maxReplicas: 10 },
  resources: { requests: { memory: '4Gi', gpu: '1' } },
}

const objectOf = (spec: object): Manifest =>
  ({
    apiVersion: 'neurodefender.io/v1',
    kind: 'MLInference',
    metadata: { name: 'threat-detection', namespace: 'default' },
    spec,
  }) as unknown as Manifest

const model = { version: '1', uri: 's3://models/flows/1.onnx', sha256: 'a'.repeat(64) }
const candidate = { version: '2', uri: 'https://models/flows/2.onnx', sha256: 'b'.repeat(64) }

test('the resource of the design document is accepted, and the server fills in the rest', async () => {
  assert.deepEqual(await objections(plane.cluster, [objectOf(seed)]), [])
  const made = await plane.cluster.apply(objectOf(seed), objectOf(seed) as never, { dryRun: true })
  assert.deepEqual(made.spec, { ...seed, accelerator: 'auto', prediction: 'off' })
})

test('so is one with everything', async () => {
  const spec = {
    ...seed,
    accelerator: 'gpu',
    prediction: 'preview',
    scaling: { policy: 'ml_inference', maxReplicas: 4 },
    model,
    canary: { model: candidate, steps: [5, 50, 100], interval: '5m', minRequests: 1000 },
    traffic: { stableWeight: 90, canaryWeight: 10 },
    calls: { timeout: '2s', retries: { attempts: 3, perTry: '500ms' }, connections: { most: 10, pending: 5 } },
  }
  assert.deepEqual(await objections(plane.cluster, [objectOf(spec)]), [])
})

const refused: readonly (readonly [what: string, spec: object, says: string])[] = [
  [
    'memory in no unit',
    { resources: { requests: { memory: '4GB' } } },
    'A quantity is a number with no unit or one of',
  ],
  ['half a GPU', { resources: { requests: { gpu: '0.5' } } }, 'GPUs are whole: write gpu as a whole number in quotes'],
  ['a time without a unit', { calls: { timeout: '2' } }, 'A duration is a number and one of ms, s, m, h, d'],
  ['bounds the wrong way', { scaling: { ...seed.scaling, minReplicas: 11 } }, 'minReplicas is above maxReplicas'],
  [
    'metrics without a bound',
    { scaling: { metrics: seed.scaling.metrics, minReplicas: 2 } },
    "scaling names a 'policy', or has 'metrics', 'minReplicas' and 'maxReplicas'.",
  ],
  ['a row that is not there', { scaling: { policy: 'ml_training' } }, 'supported values: "ml_inference"'],
  ['a model from a mail', { model: { ...model, uri: 'mailto:a@b' } }, 'A model comes from file:///path, http://'],
  ['a short checksum', { model: { ...model, sha256: 'abc' } }, 'sha256 has 64 hexadecimal digits in lower case'],
  ['a model without one', { model: { version: '1', uri: model.uri } }, 'spec.model.sha256: Required value'],
  ['a candidate for nothing', { canary: { model: candidate } }, 'A candidate needs a model that it may replace'],
  [
    'a candidate that calls itself the present model',
    { model, canary: { model: { ...candidate, version: '1' } } },
    'The candidate has the version of the present model and another file',
  ],
  ['steps that go back', { canary: { steps: [50, 10, 100] } }, 'The steps of a canary grow, and the last is 100.'],
  ['steps that stop short', { canary: { steps: [10, 50] } }, 'The steps of a canary grow, and the last is 100.'],
  ['a step twice', { canary: { steps: [10, 10, 100] } }, 'The steps of a canary grow, and the last is 100.'],
  ['weights above the whole', { traffic: { stableWeight: 90, canaryWeight: 11 } }, 'the two weights do not make 100'],
  [
    'a GPU that nobody asks for',
    { accelerator: 'gpu', resources: { requests: {} } },
    "accelerator 'gpu' needs resources.requests.gpu",
  ],
  ['a forecast of its own kind', { prediction: 'maybe' }, 'supported values: "off", "preview", "on"'],
  ['a field that is not there', { replcas: 3 }, '.spec.replcas: field not declared in schema'],
]

for (const [what, spec, says] of refused)
  test(`${what} is refused`, async () => {
    const said = await objections(plane.cluster, [objectOf({ ...seed, ...spec })])
    assert.ok(said.join().includes(says), said.join() || 'accepted')
  })
