import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, needsEndpoints, readiness } from './readiness.ts'
import type { JsonObject } from './wire.ts'

const judge = (apiVersion: string, kind: string, object: object) =>
  readiness({ apiVersion, kind }, object as JsonObject)
const waits = (why: string) => ({ state: 'waiting', why })
const ready = { state: 'ready' }

const deployment = (status: object, spec: object = { replicas: 2 }) =>
  judge('apps/v1', 'Deployment', { metadata: { generation: 2 }, spec, status: { observedGeneration: 2, ...status } })

test('a Deployment is ready when all its pods are new and available', () => {
  assert.deepEqual(deployment({ observedGeneration: 1 }), waits('its controller has not seen the change yet'))
  assert.deepEqual(deployment({ updatedReplicas: 1, replicas: 2 }), waits('1 of 2 pods are made'))
  const refused = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }]
  assert.deepEqual(deployment({ replicas: 2, conditions: refused }), waits('0 of 2 pods are made: exceeded quota'))
  assert.deepEqual(deployment({ updatedReplicas: 2, replicas: 3 }), waits('1 old pods have still to go'))
  assert.deepEqual(
    deployment({ updatedReplicas: 2, replicas: 2, availableReplicas: 1 }),
    waits('1 of 2 pods are available'),
  )
  assert.deepEqual(deployment({ updatedReplicas: 2, replicas: 2, availableReplicas: 2 }), ready)
  assert.deepEqual(deployment({}, { replicas: 0 }), ready)
  const conditions = [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
  ]
  assert.deepEqual(deployment({ conditions }), { state: 'failed', why: 'timed out' })
})

test('a StatefulSet is ready when all its pods are of the new revision', () => {
  const set = (status: object, spec: object = {}) =>
    judge('apps/v1', 'StatefulSet', {
      spec: { replicas: 3, ...spec },
      status: { currentRevision: 'a', updateRevision: 'b', ...status },
    })
  assert.deepEqual(set({ readyReplicas: 2 }), waits('2 of 3 pods are ready'))
  assert.deepEqual(set({ readyReplicas: 3, updatedReplicas: 1 }), waits('1 of 3 pods are updated'))
  assert.deepEqual(set({ readyReplicas: 3, updatedReplicas: 3 }), ready)
  assert.deepEqual(set({ readyReplicas: 3, currentRevision: 'b' }), ready)
  assert.deepEqual(set({ readyReplicas: 3 }, { updateStrategy: { type: 'OnDelete' } }), ready)
  assert.deepEqual(
    set({ readyReplicas: 3, updatedReplicas: 1 }, { updateStrategy: { rollingUpdate: { partition: 2 } } }),
    ready,
  )
})

test('a Job is ready when it is complete, and failed when it says so', () => {
  const job = (status: object, spec: object = {}) => judge('batch/v1', 'Job', { spec, status })
  assert.deepEqual(job({ succeeded: 1, failed: 2 }, { completions: 3 }), waits('1 of 3 completions, 2 failed so far'))
  assert.deepEqual(job({ conditions: [{ type: 'Complete', status: 'True' }] }), ready)
  const conditions = [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' }]
  assert.deepEqual(job({ conditions }), { state: 'failed', why: 'BackoffLimitExceeded: too often' })
  assert.deepEqual(job({}, { suspend: true }), ready)
})

test('volumes, claims, namespaces, definitions and pods', () => {
  const phase = (kind: string, phase: string) => judge('v1', kind, { status: { phase } }).state
  assert.equal(phase('PersistentVolume', 'Available'), 'ready')
  assert.equal(phase('PersistentVolume', 'Pending'), 'waiting')
  assert.equal(phase('PersistentVolumeClaim', 'Bound'), 'ready')
  assert.equal(phase('PersistentVolumeClaim', 'Lost'), 'failed')
  assert.equal(phase('Namespace', 'Active'), 'ready')
  assert.equal(phase('Pod', 'Succeeded'), 'ready')
  assert.equal(phase('Pod', 'Failed'), 'failed')
  assert.equal(phase('Pod', 'Running'), 'waiting')
  const definition = (conditions: object[]) =>
    judge('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } }).state
  assert.equal(definition([]), 'waiting')
  assert.equal(definition([{ type: 'Established', status: 'True' }]), 'ready')
  assert.equal(definition([{ type: 'NamesAccepted', status: 'False', message: 'taken' }]), 'failed')
})

test('a kind without a rule is ready as soon as it exists', () => {
  assert.deepEqual(judge('v1', 'ConfigMap', {}), ready)
  assert.deepEqual(judge('example.io/v1', 'Deployment', {}), ready)
})

test('a Service waits for endpoints only where it selects pods behind an address', () => {
  const needs = (spec: object) => needsEndpoints({ apiVersion: 'v1', kind: 'Service' }, { spec } as JsonObject)
  const selector = { app: 'a' }
  assert.equal(needs({ selector, clusterIP: '10.0.0.1' }), true)
  assert.equal(needs({ selector: {} }), false)
  assert.equal(needs({}), false)
  assert.equal(needs({ selector, clusterIP: 'None' }), false)
  assert.equal(needs({ selector, type: 'ExternalName' }), false)
  assert.equal(needs({ selector, publishNotReadyAddresses: true }), false)
  assert.equal(endpoints([{ endpoints: [{ conditions: { ready: false } }] }]).state, 'waiting')
  assert.equal(endpoints([{ endpoints: [{ conditions: {} }] }]).state, 'ready')
})
