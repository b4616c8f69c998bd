import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ports } from '../../infra/kubernetes/mesh/local/ports.ts'
import { mesh } from '../../infra/local/mesh.ts'
import { environments } from '../../policies/environments.ts'
import { milliseconds } from '../../policies/model/units.ts'
import { traffic } from '../../policies/traffic.ts'
import { type ClusterAccess, containers, kill9, kubectl, until } from './cluster.ts'
import { FullRegion } from './full-region.ts'
import { type Answer, bySubset, failed, type GatewayClient } from './mesh/client.ts'
import { deployment, destination, hostOf, namespace, placed, route, service } from './mesh/objects.ts'
import { instant } from './prometheus.ts'

const { gateways } = environments.local.mesh
const { outlier } = traffic.calls['ml-inference']
const { errors } = outlier
/** What is on its way when the threshold is reached fails too: to count exactly, one is asked after the other. */
const oneByOne = 1

const words = (answers: readonly Answer[]): string =>
  [...new Set(answers.map((a) => `${a.status} ${a.text}`))].join('; ')

describe('a region with the mesh', { timeout: 40 * 60_000 }, () => {
  let full: FullRegion
  let access: ClusterAccess
  let gateway: GatewayClient

  const run = (args: readonly string[]) => full.run(args)
  const apply = (...items: object[]) => full.apply(...items)
  const rolledOut = (name: string) => full.rolledOut(namespace, `deploy/${name}`)
  const podsOf = async (selector: string) =>
    (
      await kubectl<{ items: { metadata: { name: string }; status: { podIP: string } }[] }>(access, [
        ...['-n', namespace, 'get', 'pods', '-l', selector],
      ])
    ).items.map(({ metadata, status }) => ({ name: metadata.name, address: status.podIP }))
  /** Until only the wanted subsets answer, at every pod of the gateway. */
  const answersOnly = (host: string, wanted: readonly string[]) =>
    until(`only ${wanted.join(' and ')} to answer at ${host}`, async () => {
      const answers = await gateway.many(host, 100)
      return failed(answers).length === 0 && Object.keys(bySubset(answers)).every((subset) => wanted.includes(subset))
    })

  before(async () => {
    full = await FullRegion.open('e2e-mesh')
    access = full.access
    gateway = full.gateway
    const image = full.region.images.analytics as string
    await apply(
      service('echo'),
      deployment({ service: 'echo', subset: 'stable', pods: 3 }, image),
      deployment({ service: 'echo', subset: 'canary', pods: 1 }, image),
      destination('echo'),
      route('echo', 10),
    )
    await Promise.all(['echo-stable', 'echo-canary'].map(rolledOut))
    await until('the gateway to answer', async () => failed(await gateway.many(hostOf('echo'), 50)).length === 0)
  })

  after(async () => {
    if (full && !full.own) {
      const kinds = 'deployments,services,serviceentries,destinationrules,virtualservices'
      const names = ['echo', 'sick', 'far']
      const made = names.flatMap((name) => [name, ...['stable', 'canary', 'stable-failing'].map((s) => `${name}-${s}`)])
      await run(['-n', namespace, 'delete', kinds, '--ignore-not-found', ...made])
    }
    await full?.close()
  })

  test('one in ten requests goes to the canary, within the error of the draw', async () => {
    const count = 10_000
    const answers = await gateway.many(hostOf('echo'), count)
    assert.deepEqual(failed(answers), [])
    const canary = bySubset(answers).canary ?? 0
    const sigma = Math.sqrt(count * 0.1 * 0.9)
    assert.ok(Math.abs(canary - count * 0.1) < 4 * sigma, `${canary} of ${count}`)
  })

  test('other weights reach the traffic, and no request is lost over it', async () => {
    for (const [weight, wanted] of [
      [100, ['canary']],
      [0, ['stable']],
    ] as const) {
      const changed = (async () => {
        await apply(route('echo', weight))
        await answersOnly(hostOf('echo'), wanted)
      })()
      const { answers } = await gateway.whileGoing(hostOf('echo'), 100, changed)
      assert.deepEqual(failed(answers), [], words(failed(answers)))
    }
  })

  test('a pod that fails costs each gateway its threshold of errors and no more', async () => {
    const image = full.region.images.analytics as string
    await apply(
      service('sick'),
      deployment({ service: 'sick', subset: 'stable', pods: 2 }, image),
      deployment({ service: 'sick', subset: 'stable', pods: 1, fails: true }, image),
      destination('sick'),
      route('sick', 0),
    )
    await Promise.all(['sick-stable', 'sick-stable-failing'].map(rolledOut))
    await until('the gateway to know the host', async () => (await gateway.ask(hostOf('sick'))).status !== 404)
    const start = performance.now()
    const answers = await gateway.many(hostOf('sick'), 300, oneByOne)
    const took = performance.now() - start
    // The first ejection ends after the policy's time, and what follows it is another threshold.
    const ejections = 1 + Math.floor(took / milliseconds(outlier.ejection))
    const wrong = failed(answers)
    assert.ok(wrong.length <= errors * gateways * ejections, `${wrong.length} errors: ${words(wrong)}`)
    assert.ok(
      wrong.every(({ status }) => status === 500),
      words(wrong),
    )
    const ejected = await until('the ejections to be measured', async () => {
      const query = `sum(envoy_cluster_outlier_detection_ejections_enforced_total{envoy_cluster_name=~".*sick.*"})`
      return (await instant(full.where, query, 'job')).get('') || undefined
    })
    assert.ok(ejected >= 1)
  })

  test('while the own region’s pods are well none of another is called, and when they fail that one stands in', async () => {
    const [near, far] = await Promise.all([
      podsOf('app=echo,neurodefender.io/subset=canary'),
      podsOf('app=sick,answers=badly'),
    ])
    const [well, sick] = [near[0]?.address as string, far[0]?.address as string]
    const local = 'local'
    await apply(
      ...placed(
        'far',
        [
          { address: well, region: local },
          { address: sick, region: 'elsewhere' },
        ],
        local,
        'elsewhere',
      ),
    )
    await until('the gateway to know the host', async () => (await gateway.ask(hostOf('far'))).status === 200)
    assert.deepEqual(failed(await gateway.many(hostOf('far'), 500)), [])
    await apply(
      ...placed(
        'far',
        [
          { address: sick, region: local },
          { address: well, region: 'elsewhere' },
        ],
        local,
        'elsewhere',
      ),
    )
    await until('the sick pod to be called', async () => (await gateway.ask(hostOf('far'))).status === 500)
    const answers = await gateway.many(hostOf('far'), 200, oneByOne)
    assert.ok(failed(answers).length <= errors * gateways, `${failed(answers).length} errors`)
    assert.ok((bySubset(answers).canary ?? 0) >= 200 - errors * gateways)
  })

  test('pods that are deleted under load cost no request', async () => {
    const victims = (await podsOf('app=echo,neurodefender.io/subset=stable')).slice(0, 2)
    assert.equal(victims.length, 2)
    const gone = (async () => {
      await run(['-n', namespace, 'delete', 'pod', ...victims.map(({ name }) => name)])
      await rolledOut('echo-stable')
    })()
    const { answers } = await gateway.whileGoing(hostOf('echo'), 200, gone)
    assert.deepEqual(failed(answers), [], words(failed(answers)))
  })

  test('a control plane that is killed under load costs no request, and its successor is heard', async () => {
    const killed = (async () => {
      for (const { id } of await containers(access, mesh.namespace, mesh.control)) await kill9(access, id)
      await apply(route('echo', 100))
      await answersOnly(hostOf('echo'), ['canary'])
    })()
    const { answers } = await gateway.whileGoing(hostOf('echo'), 200, killed)
    assert.deepEqual(failed(answers), [], words(failed(answers)))
  })

  test('a gateway that goes under load costs no request', async () => {
    const { answers } = await gateway.whileGoing(
      hostOf('echo'),
      100,
      (async () => {
        await run(['-n', mesh.namespace, 'rollout', 'restart', `deploy/${mesh.gateway}`])
        await full.rolledOut(mesh.namespace, `deploy/${mesh.gateway}`)
      })(),
    )
    assert.deepEqual(failed(answers), [], words(failed(answers)))
  })

  test('only the node tells a gateway to go, and it was heard', async () => {
    const { items } = await kubectl<{ items: { status: { podIP: string } }[] }>(access, [
      ...['-n', mesh.namespace, 'get', 'pods', '-l', `app.kubernetes.io/name=${mesh.gateway}`],
    ])
    const refused = await Promise.all(items.map(({ status }) => fetch(`http://${status.podIP}:${ports.drain}/drain`)))
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([403]))
    const events = await run(['-n', mesh.namespace, 'get', 'events', '-o', 'jsonpath={.items[*].reason}'])
    assert.ok(!events.includes('FailedPreStopHook'), events)
  })

  test('Prometheus has what each subset answered, and how long it took', async () => {
    const of = (subset: string) => `{envoy_cluster_name="outbound|8080|${subset}|echo.${namespace}.svc.cluster.local"}`
    for (const subset of ['stable', 'canary']) {
      await until(`requests of ${subset} by their class`, async () => {
        const seen = await instant(full.where, `envoy_cluster_upstream_rq_xx${of(subset)}`, 'envoy_response_code_class')
        return (seen.get('2') ?? 0) > 0
      })
      const times = await instant(full.where, `sum by (le) (envoy_cluster_upstream_rq_time_bucket${of(subset)})`, 'le')
      assert.ok(times.size > 5 && (times.get('+Inf') ?? 0) > 0)
    }
  })

  test('a second up changes nothing', async (t) => {
    if (!full.own) return t.skip('the region is not this test’s')
    assert.deepEqual(await full.changes(), [])
  })

  test('down leaves the machine as it was', async (t) => {
    if (!full.own) return t.skip('the region is not this test’s')
    await full.close()
    assert.deepEqual(full.look(), full.before)
  })
})
