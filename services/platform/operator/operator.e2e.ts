import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Ground, written } from '../../../tools/operator/ground.ts'
import { definitionsOf } from '../../../tools/operator/plane.ts'
import { define } from '../../../tools/schemas/testing/dry-run.ts'
import { until } from '../../common/testing/processes.ts'
import type { Ref } from './api/object.ts'
import type { ApiProxy } from './testing/api-proxy.ts'
import { model, seed } from './testing/fixtures.ts'

// The operator as a process, with the rights of its chart, before a real API server.
let ground: Ground
let a: { readonly proxy: ApiProxy; readonly port: number }

before(async () => {
  ground = await Ground.create()
  a = await ground.proxy()
})
after(() => ground?.stop())

const resource: Ref = { kind: 'MLInference', namespace: 'ngfw', name: 'threat-detection' }

async function leads(name: string): Promise<void> {
  await until(`${name} leads: ${ground.processes.output.slice(-2_000)}`, async () => (await ground.holder()) === name)
}

test('the resource of the design document becomes three pods, a status that says so, and a scale that an autoscaler reads', async () => {
  const operator = await ground.operator(a.port, 'first')
  await ground.apply(seed())
  await ground.settled('the seed')
  const { status } = (await ground.admin.get(resource)) as { status?: Record<string, unknown> }
  assert.deepEqual([status?.replicas, status?.readyReplicas], [3, 3])
  const path = '/apis/neurodefender.io/v1/namespaces/ngfw/mlinferences/threat-detection/scale'
  const scale = (await ground.plane.cluster.connection.send({ path })) as { status: object }
  assert.deepEqual(scale.status, {
    replicas: 3,
    selector: 'neurodefender.io/inference=threat-detection,neurodefender.io/subset=stable',
  })
  // What an autoscaler writes there is what the Deployment gets.
  await ground.plane.cluster.connection.send({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas: 4 } },
  })
  const deployment = { kind: 'Deployment', namespace: 'ngfw', name: 'threat-detection-stable' } as const
  await until('four pods', async () => {
    const found = await ground.admin.get(deployment)
    return (found?.status as { readyReplicas?: number } | undefined)?.readyReplicas === 4
  })
  await ground.remove()
  await ground.processes.kill(operator)
  await ground.expireLease()
})

test('watches that are cut, and an API server that is away, lose no change', async () => {
  const operator = await ground.operator(a.port, 'cut')
  await ground.apply(seed())
  await ground.settled('the seed')
  const deployment = { kind: 'Deployment', namespace: 'ngfw', name: 'threat-detection-stable' } as const
  for (let replicas = 4; replicas < 8; replicas++) {
    a.proxy.down = replicas % 2 === 0
    a.proxy.cut()
    await ground.apply(seed({ replicas }))
    a.proxy.down = false
    await until(`${replicas} pods`, async () => {
      const found = await ground.admin.get(deployment)
      return (found?.spec as { replicas?: number } | undefined)?.replicas === replicas
    })
  }
  // What somebody else deletes while nobody watches comes back.
  a.proxy.down = true
  a.proxy.cut()
  const service = { ...deployment, kind: 'Service', name: 'threat-detection' } as const
  const uid = (await ground.admin.get(service))?.metadata.uid ?? assert.fail()
  await ground.admin.delete(service, { uid })
  a.proxy.down = false
  await until('the Service is back', async () => (await ground.admin.get(service)) !== undefined)
  await ground.remove()
  await ground.processes.kill(operator)
  await ground.expireLease()
})

test('a leader that is stopped is followed by the other, and writes nothing when it goes on', async () => {
  const b = await ground.proxy()
  const first = await ground.operator(a.port, 'first')
  await leads('first')
  const second = await ground.operator(b.port, 'second')
  await ground.apply(seed())
  await ground.settled('the seed')
  first.kill('SIGSTOP')
  await leads('second')
  await ground.apply(seed({ model }))
  await ground.settled('another model')
  const before = a.proxy.passed.length
  first.kill('SIGCONT')
  // It has seen the change by its watches, and that another has the lease.
  await until('the first reads the lease', () =>
    a.proxy.passed.slice(before).some(({ url }) => url.includes('/leases')),
  )
  await ground.apply(seed({ model, replicas: 5 }))
  await ground.settled('five pods')
  assert.deepEqual(a.proxy.passed.slice(before).filter(written), [])
  assert.equal(await ground.holder(), 'second')

  // A leader that is killed.
  await ground.processes.kill(second)
  await leads('first')
  await ground.apply(seed({ model, replicas: 2 }))
  await ground.settled('two pods')

  // One that is told to go gives the lease back, so that nobody waits for it to end.
  const third = await ground.operator(b.port, 'third')
  first.kill('SIGTERM')
  assert.equal(await ground.processes.ended(first), 0, ground.processes.output.slice(-2_000))
  await leads('third')
  await ground.remove()
  await ground.processes.kill(third)
  await ground.expireLease()
})

test('KEDA is picked up once it is installed, and its object goes before the rest', async () => {
  const operator = await ground.operator(a.port, 'keda')
  await ground.apply(seed())
  await ground.settled('the seed')
  await define(ground.plane.cluster, await definitionsOf('github.com/kedacore/keda/v2', ['ScaledObject']))
  const scaled = { kind: 'ScaledObject', namespace: 'ngfw', name: 'threat-detection' } as const
  await until(
    'the ScaledObject is there',
    async () => (await ground.admin.get(scaled).catch(() => undefined)) !== undefined,
  )
  const { spec = {} } = (await ground.admin.get(scaled)) as { spec?: { scaleTargetRef?: object } }
  assert.deepEqual(spec.scaleTargetRef, {
    apiVersion: 'neurodefender.io/v1',
    kind: 'MLInference',
    name: 'threat-detection',
  })
  const from = a.proxy.passed.length
  await ground.remove()
  const deleted = a.proxy.passed.slice(from).filter(({ method }) => method === 'DELETE')
  assert.match(deleted[0]?.url ?? '', /scaledobjects/)
  assert.equal(await ground.admin.get(scaled), undefined)
  await ground.processes.kill(operator)
})
