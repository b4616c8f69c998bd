import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podsOf } from './pods.ts'
import { regions } from './regions.ts'

/** Whether there is a list of containers anywhere in it. */
const hasContainers = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray((value as { containers?: unknown }).containers) || Object.values(value).some(hasContainers))

for (const { name, objects } of regions)
  test(`no container of ${name} is overlooked`, () => {
    const holders = objects.filter((object) => object.kind !== 'CustomResourceDefinition' && hasContainers(object))
    assert.ok(holders.length > 0)
    for (const object of objects) assert.equal(podsOf(object).length, holders.includes(object) ? 1 : 0, object.kind)
  })

test('a pod has its template’s labels, its workload’s namespace, and a volume for each claim', () => {
  const container = { name: 'main', volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  const [pod, ...more] = podsOf({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'store', namespace: 'siem', labels: { not: 'these' } },
    spec: {
      template: { metadata: { labels: { app: 'store' } }, spec: { containers: [container], volumes: [{ name: 'a' }] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    },
  })
  assert.deepEqual(more, [])
  assert.deepEqual(pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'store-0', namespace: 'siem', labels: { app: 'store' } },
    spec: {
      containers: [container],
      volumes: [{ name: 'a' }, { name: 'data', persistentVolumeClaim: { claimName: 'data-store-0' } }],
    },
  })
})
