import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { keda } from '../../infra/local/keda.ts'
import { serviceOf } from '../../policies/model/scaling.ts'
import { scaling } from '../../policies/scaling.ts'
import { services } from '../../policies/services.ts'
import { type ClusterAccess, containers, kill9, kubectl, restarts, until } from './cluster.ts'
import { FullRegion } from './full-region.ts'
import { Questions } from './keda/load.ts'
import { ScaledDeployment } from './keda/scaled.ts'
import { Whys } from './keda/whys.ts'

const row = scaling.analytics
const { threshold } = row.metrics.find(({ name }) => name === 'qps')!
const { namespace } = services.analytics
const monitoring = services.prometheus.namespace
const { min_replicas: min, fallback_replicas: fallback } = row.actions
/** More than the fallback, so that what a drill leaves alone is more than what it would be given. */
const wanted = fallback + 1
const longMs = 600_000

describe('a region whose replicas follow their metrics', { timeout: 60 * 60_000 }, () => {
  let full: FullRegion
  let access: ClusterAccess
  let analytics: ScaledDeployment
  let whys: Whys
  let questions: Questions | undefined

  const run = (...args: string[]) => full.run(args)
  const scale = (space: string, what: string, replicas: number) =>
    run('-n', space, 'scale', what, `--replicas=${replicas}`)
  const ready = async (part: string) => (await new ScaledDeployment(access, keda.namespace, part).ready()) === 1
  const sees = () =>
    until(
      'the autoscaler to see its metrics',
      async () =>
        (await analytics.hpaSays('ScalingActive')).startsWith('True') &&
        (await analytics.says('Fallback')).startsWith('False'),
    )
  /** While `broken` is so, until the autoscaler has said that it is blind and time enough for a scale-in has passed. */
  const blind = async (broken: () => Promise<void>, says: () => Promise<boolean>) => {
    await broken()
    await until('the autoscaler to notice', says)
    // As many looks as could take pods away: with no stabilisation in its way the controller would have done so at the first.
    const since = Date.now()
    await until('eight further looks of the controller', async () => Date.now() - since > 8 * 15_000)
  }

  before(async () => {
    full = await FullRegion.open('e2e-keda')
    access = full.access
    analytics = new ScaledDeployment(access, namespace, 'analytics')
    whys = new Whys(full, 'analytics')
  })

  after(async () => {
    await questions?.stop()
    await full?.close()
  })

  test('every row of the matrix is a ScaledObject that is ready', async () => {
    const { items } = await until('the objects', async () => {
      const all = await kubectl<{
        items: {
          metadata: { name: string }
          status?: { conditions?: { type: string; status: string }[] }
        }[]
      }>(access, ['get', 'scaledobjects.keda.sh', '-A'])
      const ready = all.items.filter(({ status }) =>
        status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      )
      return ready.length === Object.keys(scaling).length && all
    })
    const names = Object.keys(scaling).map((key) => (key === 'ml_inference' ? 'threat-detection' : serviceOf(key)))
    assert.deepEqual(items.map(({ metadata }) => metadata.name).sort(), names.sort())
  })

  test('the adapter is a part of the API, and reads nothing of it', async () => {
    const can = async (account: string, ...what: string[]) =>
      run('auth', 'can-i', ...what, `--as=system:serviceaccount:${keda.namespace}:${account}`).then(
        () => true,
        () => false,
      )
    assert.match(await run('get', '--raw', '/apis/external.metrics.k8s.io/v1beta1'), /ExternalMetricValueList/)
    assert.equal(await can(keda.adapter, 'list', 'pods', '-A'), false)
    assert.equal(await can(keda.operator, 'get', 'secrets', '-n', namespace), false)
    assert.equal(await can(keda.operator, 'get', 'secrets', '-n', keda.namespace), true)
    assert.equal(await can(keda.operator, 'patch', 'deployments.apps/scale', '-n', services.kafka.namespace), false)
  })

  test('a service grows by its own metric', async () => {
    await until('its fewest pods', async () => (await analytics.replicas()) === min, longMs)
    await sees()
    questions = new Questions(full.where, (wanted - 0.4) * threshold)
    await until(`${wanted} pods that answer`, async () => (await analytics.ready()) === wanted, longMs)
    const { answered, failed } = questions
    assert.ok(answered > 100 && failed < answered / 100, `${failed} failed, ${answered} answered`)
    for (const { cause, desired, sentence } of [(await whys.now()).explained, await whys.served()]) {
      assert.ok(cause === 'asked' || cause === 'tolerance', sentence)
      assert.equal(desired, wanted, sentence)
    }
  })

  test('a lost Prometheus takes no pod away', async () => {
    const { least } = await analytics.during(
      blind(
        async () => {
          await scale(monitoring, 'statefulset/prometheus', 0)
        },
        async () => (await analytics.says('Fallback')).startsWith('True'),
      ),
    )
    assert.ok(least >= wanted, `${least} pods`)
    const { explained, unasked } = await whys.now()
    assert.deepEqual([explained.cause, unasked !== undefined], ['fallback', true], explained.sentence)
    await scale(monitoring, 'statefulset/prometheus', 1)
    await full.rolledOut(monitoring, 'statefulset/prometheus')
    await sees()
  })

  test('a metric that falls silent takes no pod away', async () => {
    // Prometheus finds the pods by the headless Service, and forgets them with it.
    const service = await kubectl<{ metadata: Record<string, unknown> }>(access, [
      ...['-n', namespace, 'get', 'service', 'analytics-headless'],
    ])
    const { uid: _, resourceVersion: __, creationTimestamp: ___, ...metadata } = service.metadata
    const { least } = await analytics.during(
      blind(
        async () => {
          await run('-n', namespace, 'delete', 'service', 'analytics-headless')
        },
        async () => (await analytics.says('Fallback')).startsWith('True'),
      ),
    )
    assert.ok(least >= wanted, `${least} pods`)
    for (const { cause, sentence } of [(await whys.now()).explained, await whys.served()])
      assert.equal(cause, 'fallback', sentence)
    await full.apply({ ...service, metadata })
    await sees()
  })

  for (const [name, part] of [
    ['operator', keda.operator],
    ['adapter', keda.adapter],
  ] as const)
    test(`a dead ${name} takes no pod away, and its successor goes on`, async () => {
      const { least } = await analytics.during(
        blind(
          async () => {
            await scale(keda.namespace, `deployment/${part}`, 0)
          },
          async () => (await analytics.hpaSays('ScalingActive')).startsWith('False'),
        ),
      )
      assert.ok(least >= wanted, `${least} pods`)
      const { explained } = await whys.now()
      assert.equal(explained.cause, 'blind', explained.sentence)
      await scale(keda.namespace, `deployment/${part}`, 1)
      await full.rolledOut(keda.namespace, `deployment/${part}`)
      await sees()
    })

  test('parts that are killed come back by themselves', async () => {
    const { least } = await analytics.during(
      (async () => {
        for (const part of [keda.operator, keda.adapter]) {
          const before = await restarts(access, keda.namespace, part)
          for (const { id } of await containers(access, keda.namespace, part)) await kill9(access, id)
          await until(
            `${part} to run again`,
            async () => (await restarts(access, keda.namespace, part)) > before && (await ready(part)),
          )
        }
        await sees()
      })(),
    )
    assert.ok(least >= wanted, `${least} pods`)
  })

  test('without load it shrinks to its fewest', async () => {
    await questions?.stop()
    questions = undefined
    const { most } = await analytics.during(
      until('its fewest pods', async () => (await analytics.replicas()) === min, longMs),
    )
    assert.ok(most <= wanted + 1, `${most} pods`)
    const { cause, desired, sentence } = (await whys.now()).explained
    // An idle event loop asks for the one pod that it needs.
    assert.ok(desired === min && (cause === 'asked' || cause === 'least'), sentence)
  })

  test('another up changes nothing, so it undoes none of it', async (t) => {
    if (!full.own) return t.skip('the region is not this test’s')
    await run('-n', namespace, 'scale', 'deployment/hot-sink', '--replicas=2')
    assert.deepEqual(await full.changes(), [])
  })

  test('down leaves the machine as it was', async (t) => {
    if (!full.own) return t.skip('the region is not this test’s')
    await full.close()
    assert.deepEqual(full.look(), full.before)
  })
})
