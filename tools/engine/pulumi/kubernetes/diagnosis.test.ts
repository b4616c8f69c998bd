import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holding } from './delete.ts'
import { selectorOf, trouble } from './diagnosis.ts'

test("a pod's trouble is told in the words of Kubernetes", () => {
  const waiting = { state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } } }
  assert.equal(
    trouble({ metadata: { name: 'p' }, status: { containerStatuses: [{ name: 'c', ready: false, ...waiting }] } }),
    'pod p: container c: ImagePullBackOff: Back-off pulling image "x"',
  )
  const crashed = {
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
  }
  assert.equal(
    trouble({
      metadata: { name: 'p' },
      status: { containerStatuses: [{ name: 'c', ready: false, restartCount: 4, ...crashed }] },
    }),
    'pod p: container c: CrashLoopBackOff; container c ended with 137 (OOMKilled), 4 restarts',
  )
  const unschedulable = [
    { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' },
  ]
  assert.equal(
    trouble({ metadata: { name: 'p' }, status: { conditions: unschedulable } }),
    'pod p: 0/1 nodes are available: 1 Insufficient cpu.',
  )
})

test('a pod that runs, or is only being made, is no trouble', () => {
  assert.equal(
    trouble({ status: { containerStatuses: [{ name: 'c', ready: true, state: { running: {} } }] } }),
    undefined,
  )
  assert.equal(
    trouble({
      status: { containerStatuses: [{ name: 'c', ready: false, state: { waiting: { reason: 'ContainerCreating' } } }] },
    }),
    undefined,
  )
})

test("a workload's and a Service's selector become a query", () => {
  assert.equal(selectorOf({ spec: { selector: { app: 'a', tier: 'b' } } }), 'app=a,tier=b')
  const matchExpressions = [
    { key: 'x', operator: 'In', values: ['1', '2'] },
    { key: 'y', operator: 'DoesNotExist' },
  ]
  assert.equal(
    selectorOf({ spec: { selector: { matchLabels: { app: 'a' }, matchExpressions } } }),
    'app=a,x in (1,2),!y',
  )
  assert.equal(selectorOf({ spec: {} }), undefined)
})

test('what keeps an object that is being deleted', () => {
  assert.equal(
    holding({ metadata: { finalizers: ['kubernetes.io/pvc-protection'] } }),
    'waiting for kubernetes.io/pvc-protection',
  )
  const conditions = [{ type: 'NamespaceContentRemaining', status: 'True', message: 'pods. has 1 resource instances' }]
  assert.equal(
    holding({ spec: { finalizers: ['kubernetes'] }, status: { conditions } }),
    'pods. has 1 resource instances',
  )
  assert.equal(holding({}), 'waiting for it to end')
})
