import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, isAutonamed } from './check.ts'
import type { Cluster } from './cluster.ts'
import { kindOf, nameOf, typeOf } from './kind.ts'
import { idOf, manifest, metadataOf, nameOfId } from './object.ts'
import type { JsonObject } from './wire.ts'

const serving = (namespaced: boolean | undefined) =>
  ({
    namespace: 'home',
    discovery: { find: async () => (namespaced === undefined ? undefined : { plural: 'things', namespaced }) },
  }) as unknown as Cluster
const kind = { apiVersion: 'v1', kind: 'Thing' }
const resource = { name: 'thing', seed: new Uint8Array([1]) }
const run = (news: JsonObject, cluster: Cluster | undefined, olds: JsonObject = {}) =>
  check(kind, resource, olds, news, cluster)

test('a namespace is filled in where the kind has one', async () => {
  assert.deepEqual((await run({ metadata: { name: 'a' } }, serving(true))).inputs, {
    ...kind,
    metadata: { name: 'a', namespace: 'home' },
  })
  assert.deepEqual((await run({ metadata: { name: 'a' } }, serving(false))).inputs, {
    ...kind,
    metadata: { name: 'a' },
  })
  const { findings } = await run({ metadata: { name: 'a', namespace: 'b' } }, serving(false))
  assert.deepEqual(findings, [{ property: 'metadata.namespace', reason: 'A Thing belongs to no namespace.' }])
})

test('a kind that is not served yet, or a cluster that is not known yet, is taken on trust', async () => {
  for (const cluster of [serving(undefined), undefined])
    assert.deepEqual(await run({ metadata: { name: 'a' } }, cluster), {
      inputs: { ...kind, metadata: { name: 'a' } },
      findings: [],
    })
})

test('a name is made where none is given, kept afterwards, and new for a replacement', async () => {
  const { inputs } = await run({}, serving(true))
  assert.match(String(metadataOf(inputs).name), /^thing-[0-9a-f]{8}$/)
  assert.ok(isAutonamed(inputs))
  const again = await check(kind, { ...resource, seed: new Uint8Array([2]) }, inputs, {}, serving(true))
  assert.equal(metadataOf(again.inputs).name, metadataOf(inputs).name)
  const replacement = await check(kind, { ...resource, seed: new Uint8Array([2]) }, {}, {}, serving(true))
  assert.notEqual(metadataOf(replacement.inputs).name, metadataOf(inputs).name)
  const generated = await run({ metadata: { generateName: 'job-' } }, serving(true))
  assert.match(String(metadataOf(generated.inputs).name), /^job-[0-9a-f]{8}$/)
})

test('an object that contradicts its type is a finding', async () => {
  const { findings } = await run({ kind: 'Other', metadata: { name: 'a' } }, serving(true))
  assert.deepEqual(findings, [{ property: 'kind', reason: "The object says 'Other', its resource type 'Thing'." }])
})

test('types and names are read from URNs', () => {
  const urn = 'urn:pulumi:local::neurodefender::nd:Region$kubernetes:apps/v1:Deployment::a::b'
  assert.equal(typeOf(urn), 'kubernetes:apps/v1:Deployment')
  assert.equal(nameOf(urn), 'a::b')
  assert.deepEqual(kindOf(typeOf(urn)), { apiVersion: 'apps/v1', kind: 'Deployment' })
  assert.deepEqual(kindOf('kubernetes:core/v1:Pod'), { apiVersion: 'v1', kind: 'Pod' })
  assert.deepEqual(kindOf('kubernetes:keda.sh/v1alpha1:ScaledObject'), {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
  })
  for (const token of [
    'kubernetes:helm.sh/v3:Release',
    'kubernetes:yaml/v2:ConfigGroup',
    'kubernetes:kustomize:Directory',
    'aws:s3:Bucket',
  ])
    assert.throws(() => kindOf(token), { code: 'NOT_AN_OBJECT_KIND' })
})

test('an id is its namespace and name', () => {
  for (const name of [{ name: 'a' }, { namespace: 'n', name: 'a' }]) assert.deepEqual(nameOfId(idOf(name)), name)
})

test("a manifest carries no nulls and no status, and a Secret's texts as data", () => {
  const secret = { apiVersion: 'v1', kind: 'Secret' }
  const inputs = { metadata: { name: 'a', labels: null }, stringData: { a: 'b' }, data: { c: 'ZA==' }, status: {} }
  assert.deepEqual(manifest(secret, inputs), { ...secret, metadata: { name: 'a' }, data: { a: 'Yg==', c: 'ZA==' } })
})
