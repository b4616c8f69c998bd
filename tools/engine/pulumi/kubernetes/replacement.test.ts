import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from './connection.ts'
import { refusedFields, refusedForGood, replacing } from './replacement.ts'
import { format, parse } from './wire.ts'

const replaced = (apiVersion: string, kind: string, ...paths: string[]) =>
  replacing(
    { apiVersion, kind },
    paths.map((path) => ({ path: parse(path), kind: 'update' })),
  ).map(({ path }) => format(path))

test('a name or a namespace is another object, whatever the kind', () => {
  assert.deepEqual(replaced('v1', 'Anything', 'metadata.name', 'metadata.labels.a', 'data.x'), ['metadata.name'])
  assert.deepEqual(replaced('x.io/v1', 'Anything', 'metadata.namespace'), ['metadata.namespace'])
})

test('each kind has its own immutable fields', () => {
  assert.deepEqual(replaced('apps/v1', 'Deployment', 'spec.selector.matchLabels.app', 'spec.replicas'), [
    'spec.selector.matchLabels.app',
  ])
  assert.deepEqual(replaced('apps/v1', 'StatefulSet', 'spec.serviceName', 'spec.template.spec'), ['spec.serviceName'])
  assert.deepEqual(
    replaced('apps/v1', 'StatefulSet', 'spec.volumeClaimTemplates[0].spec.resources.requests.storage').length,
    1,
  )
  assert.deepEqual(replaced('batch/v1', 'Job', 'spec.template.spec.containers[0].image', 'spec.parallelism').length, 1)
  assert.deepEqual(replaced('v1', 'Service', 'spec.clusterIP', 'spec.ports[0].port'), ['spec.clusterIP'])
  assert.deepEqual(replaced('v1', 'PersistentVolume', 'spec.hostPath.path', 'spec.capacity.storage'), [
    'spec.hostPath.path',
  ])
  assert.deepEqual(replaced('rbac.authorization.k8s.io/v1', 'RoleBinding', 'roleRef.name', 'subjects[0].name'), [
    'roleRef.name',
  ])
  assert.deepEqual(replaced('v1', 'Secret', 'type', 'data.a'), ['type'])
})

test('the same kind of another group is not meant', () => {
  assert.deepEqual(replaced('serving.x.io/v1', 'Service', 'spec.clusterIP'), [])
})

const refusal = (status: number, ...causes: { field: string; message: string }[]) =>
  new ApiError(status, { message: causes[0]?.message ?? '', details: { causes } })

test("the server's refusal for good is told from a mistake", () => {
  const immutable = { field: 'data', message: 'Forbidden: field is immutable when `immutable` is set' }
  const set = {
    field: 'spec',
    message: "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
  }
  const mistake = { field: 'spec.ports[0].port', message: 'Invalid value: 99999: must be between 1 and 65535' }
  assert.ok(refusedForGood(refusal(422, immutable)) && refusedForGood(refusal(422, set)))
  assert.ok(!refusedForGood(refusal(422, mistake)) && !refusedForGood(refusal(422, immutable, mistake)))
  assert.ok(!refusedForGood(refusal(409, immutable)))
  assert.deepEqual(refusedFields(refusal(422, immutable, mistake)), [['data'], ['spec', 'ports', 0, 'port']])
})
