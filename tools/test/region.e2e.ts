import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { readRegion, regionStatus, stopRegion } from '../../infra/local/region.ts'
import { lookAtMachine, type Machine, namespacesOf, processesIn } from '../../infra/local/test/machine.ts'
import { podIsIdle, weights } from '../../infra/local/test/scheduling.ts'
import { policies } from '../../policies/bundle.ts'
import type { ServicePolicy } from '../../policies/model/service.ts'
import { bytes } from '../../policies/model/units.ts'
import { scalingSeries } from '../../policies/series.ts'
import { services } from '../../policies/services.ts'
import { topics } from '../../policies/storage.ts'
import { TestAuthority } from '../../services/common/testing/certificates.ts'
import { seeded } from '../../services/common/testing/random.ts'
import { dashboardPlans, serviceOfPlan } from '../dashboards/plans.ts'
import { ensure } from '../engine/ensure.ts'
import { parseAlert } from '../load/pipeline/alerts.ts'
import { regionKafka } from '../load/pipeline/kafka.ts'
import { type Sent, sendFile } from '../load/send.ts'
import { onlyFull } from '../region/bundle.ts'
import { places } from '../region/context.ts'
import { pulumiFor } from '../region/pulumi.ts'
import { Steps } from '../region/steps.ts'
import { stacks, up } from '../region/up.ts'
import { type ClusterAccess, containers, ownObjects, until } from './cluster.ts'
import { ruleHealth, withoutData } from './dashboards.ts'
import { killOneByOne } from './kills.ts'
import { messageSender } from './messages.ts'
import { placesInTopic, readTopic, sendInOrder } from './ordered.ts'
import { askPrometheus, instant } from './prometheus.ts'
import { caller, type TenantCaller } from './tenant.ts'

const checkout = new URL('../../', import.meta.url).pathname
const large = join(checkout, '..', 'shared', 'data', 'windows-host-events.ndjson.gz')
const sample = join(checkout, 'tools', 'load', 'sample', 'windows-host-events.ndjson.gz')
const haveLarge = existsSync(large)
if (process.env.CI && !haveLarge) throw new Error(`In CI the recorded events must be there: ${large} is missing.`)
const events = haveLarge ? { file: large, count: 22_496 } : { file: sample, count: 500 }
if (!haveLarge) console.log(`# ${large} is missing: the ${events.count} events of the sample stand in for the 22,496.`)

const stateRoot = mkdtempSync(join(tmpdir(), 'nd-e2e-'))
const environment = { ...process.env, NEURODEFENDER_REGION: 'e2e', NEURODEFENDER_STATE: stateRoot }
const where = places(environment)
const bring = () => up({ steps: new Steps(), environment })
/** The command of the shards, as an operator gives it. */
const shards = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(checkout, 'tools', 'shards', 'main.ts'), ...args], { env: environment })

describe('a whole region', { timeout: 40 * 60_000 }, () => {
  let access: ClusterAccess
  let acme: TenantCaller
  let globex: TenantCaller

  let look: () => Machine
  let machine: Machine

  before(async () => {
    const toolchain = await ensure(['kubernetes', 'node-runtime'], { cacheRoot: where.cacheRoot })
    look = () => lookAtMachine(toolchain.bin('iptables-save'), [where.region])
    machine = look()
    await bring()
    const { kubeconfig, containerdSocket } = readRegion(where.region, stateRoot).paths
    access = { kubectl: toolchain.bin('kubectl'), kubeconfig, ctr: toolchain.bin('ctr'), containerdSocket }
    acme = caller(where, 'acme')
    globex = caller(where, 'globex')
  })

  after(async () => {
    acme?.close()
    globex?.close()
    await stopRegion({ name: where.region, stateRoot, keep: false })
    rmSync(stateRoot, { recursive: true, force: true })
  })

  let first: Sent
  test('every acknowledged event is in the hot tier exactly once, also when all is sent again', async () => {
    const send = () => sendFile({ file: events.file, idPrefix: 'once', client: acme.collector })
    first = await send()
    assert.deepEqual([first.acknowledged, first.rejected], [events.count, 0])
    await acme.arrived(events.count)
    const again = await send()
    assert.equal(again.acknowledged, events.count)
    const { id } = await acme.sendOne('{"marker":"after the second time"}')
    await acme.present(id)
    assert.deepEqual(await acme.counts(), { events: events.count + 1, ids: events.count + 1 })
  })

  test('Prometheus measures every service that the graph lets it ask, and records what the matrix wants', async () => {
    // This region is of the profile core, on a developer's machine.
    const graph: Readonly<Record<string, ServicePolicy>> = services
    const runs = (service: string) => !onlyFull.has(service) && graph[service]?.only !== 'cloud'
    const asked = services.prometheus.calls.map(({ service }) => service).filter(runs)
    await until('all of them to be up', async () => {
      const up = await instant(where, 'min by (job) (up)', 'job')
      return asked.every((service) => up.get(service) === 1)
    })
    await until('a recommendation for each service that is scaled and runs', async () => {
      const wanted = await instant(where, scalingSeries.desired, 'service')
      return ['event-collector', 'hot-sink', 'analytics'].every((service) => (wanted.get(service) ?? 0) >= 1)
    })
    await until('what was acknowledged to be counted', async () => {
      const accepted = await instant(where, 'sum by (job) (nd_events_accepted_total)', 'job')
      return (accepted.get('event-collector') ?? 0) >= 2 * events.count
    })
    assert.equal((await askPrometheus(where, 'targets', 'guess')).status, 401)
  })

  test('a second up changes nothing', async () => {
    const toolchain = await ensure(['pulumi'], { cacheRoot: where.cacheRoot })
    for (const stack of stacks) {
      assert.deepEqual(await pulumiFor(where, toolchain).changes(stack), [], stack)
    }
  })

  test('what stores takes a core only while nobody else wants it', async () => {
    const yields = policies.environments.local?.yields ?? []
    for (const service of ['event-collector', 'kafka', 'correlation-engine', 'hot-sink', 'clickhouse'] as const) {
      const running = await containers(access, services[service].namespace, service)
      assert.ok(running.length > 0, service)
      for (const { id } of running)
        assert.equal(podIsIdle(where.region, id) ?? yields.includes(service), yields.includes(service), service)
    }
  })

  test('what keeps the region leaves the cores to what serves', () => {
    const { own, pods } = weights(where.region)
    assert.ok(own > 0 && own * 4 < pods, `the region's processes weigh ${own}, all pods ${pods}`)
  })

  test('every object of ours in the cluster stands in the state of its stack', async () => {
    const toolchain = await ensure(['pulumi'], { cacheRoot: where.cacheRoot })
    const project = pulumiFor(where, toolchain)
    const exported = await Promise.all(stacks.map((stack) => project.exportStack(stack)))
    const stated = exported.flatMap(({ deployment }) => deployment.resources as { type: string; id?: string }[])
    const known = stated
      .filter(({ type }) => type.startsWith('kubernetes:'))
      .map(({ type, id }) => `${type.split(':').at(-1)} ${id}`)
    const present = await ownObjects(access)
    assert.ok(present.length > 70, `${present.length} objects`)
    assert.deepEqual(present.toSorted(), known.toSorted())
  })

  test('an edit of policies/scaling.ts previews exactly the objects that follow', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'nd-edit-'))
    try {
      const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
        cwd: checkout,
        encoding: 'utf8',
      })
      for (const file of tracked.trim().split('\n'))
        if (existsSync(join(checkout, file))) cpSync(join(checkout, file), join(copy, file))
      symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'))
      const scaling = join(copy, 'policies', 'scaling.ts')
      const edited = readFileSync(scaling, 'utf8').replace('threshold: 1000,', 'threshold: 900,')
      assert.notEqual(edited, readFileSync(scaling, 'utf8'))
      writeFileSync(scaling, edited)
      const toolchain = await ensure(['pulumi'], { cacheRoot: where.cacheRoot })
      const changed = await Promise.all(stacks.map((stack) => pulumiFor(where, toolchain, copy).changes(stack)))
      assert.deepEqual(
        changed
          .flat()
          .map((c) => `${c.operation} ${c.type.split(':').at(-1)} ${c.name}`)
          .sort(),
        [
          'update ConfigMap configmap-monitoring-prometheus-config',
          'update StatefulSet statefulset-monitoring-prometheus',
        ],
      )
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  })

  test('what is wrong is refused with a sentence, and nothing of it arrives', async () => {
    const { events: before } = await acme.counts()
    const reply = async (...args: Parameters<TenantCaller['post']>) => {
      const { status, body } = await acme.post(...args)
      return {
        status,
        ...(JSON.parse(body) as {
          error?: string
          message?: string
          accepted?: number
          rejected?: { line: number; reason: string }[]
        }),
      }
    }
    const mixed = await reply('{"good":1}\nnot json\n{"good":2}\n')
    assert.equal(mixed.status, 200)
    assert.equal(mixed.accepted, 2)
    assert.deepEqual(
      mixed.rejected?.map((r) => r.line),
      [1],
    )
    const unknown = await reply('{}\n', { authorization: 'Bearer nd_nobody' })
    assert.equal(unknown.status, 401)
    assert.match(unknown.message ?? '', /token/)
    const huge = await acme.flood(100 << 20)
    assert.equal(huge.status, 413)
    await acme.arrived(before + 2)
    const other = await acme.query({ filter: [{ field: 'tenant', op: 'eq', value: 'globex' }] })
    assert.equal(other.status, 403)
    assert.match(other.body, /tenant/)
  })

  test('twenty kills -9 of every process and a move of slots, with requests in flight, lose and double nothing and keep the order', async () => {
    const random = seeded(0x5eed)
    const acknowledged = new Map<string, number>()
    const stop = new AbortController()
    let failure: unknown
    const failed = (error: unknown) => {
      if (!stop.signal.aborted) failure = error
    }
    const load = (async () => {
      for (let round = 0; !stop.signal.aborted; round++)
        await sendFile({
          file: events.file,
          idPrefix: `kill-${round}`,
          client: globex.collector,
          batch: 100,
          deadlineMs: 240_000,
          onAcknowledged: (batch) => acknowledged.set(batch.id, batch.events),
          signal: stop.signal,
        })
    })().catch(failed)
    const ordered = sendInOrder(acme.collector, 'acme', stop.signal)
    ordered.catch(failed)
    const progress = () => {
      if (failure) throw failure
      return acknowledged.size
    }
    let moved: Promise<unknown> | undefined
    const before = async (kill: number): Promise<void> => {
      if (kill !== 5) return
      await until('the shard manager, which was killed just now', () => shards('show'))
      // Two tenants are all the load here, so that no plan can be even.
      moved = shards('rebalance', '--weight', '0=0.5', '--yes', '--despite-findings', '--json')
      moved.catch(failed)
    }
    try {
      await killOneByOne({ access, kills: 20, random, progress, before })
    } finally {
      stop.abort()
    }
    await load
    const inOrder = await ordered
    assert.equal(failure, undefined)
    await until('every acknowledged batch, whole, in the hot tier', async () => {
      const stored = await globex.batches()
      return [...acknowledged].every(([batch, count]) => stored.get(batch) === count)
    })
    const { events: rows, ids } = await globex.counts()
    assert.equal(rows, ids, 'an event stands twice')
    await moved
    const { kafka } = await regionKafka(access.kubectl, where.state)
    const places = await placesInTopic(kafka, 'acme', bytes(topics['events.raw'].maxRecord) * 64)
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      "acme's events stand in another order than they were sent",
    )
    assert.ok(places.length >= inOrder.events)
    const seen = new Map<string, number>()
    await until('an alert for every canary of acme', async () => {
      seen.clear()
      await readTopic(kafka, 'alerts', (value) => {
        const { id, events } = parseAlert(value)
        seen.set(id, (seen.get(id) ?? 0) + 1)
        for (const event of events) seen.set(event, 1)
      })
      return inOrder.canaries.every((event) => seen.has(event))
    })
    assert.deepEqual(
      [...seen].filter(([, times]) => times > 1).map(([id]) => id),
      [],
      'an alert stands twice',
    )
    console.log(
      `# ${acknowledged.size} batches acknowledged across 20 kills; ${rows} events, each once; ${inOrder.canaries.length} alerts of acme, each once`,
    )
  })

  test('syslog at the ports of the node: over TLS with the tenant’s certificate, and in the clear from its network', async () => {
    const authority = await TestAuthority.create()
    const certificate = async (name: string) => {
      const folder = await authority.issue(name)
      return { cert: readFileSync(join(folder, 'tls.crt')), key: readFileSync(join(folder, 'tls.key')) }
    }
    const [own, strange] = [await certificate('firewall.acme'), await certificate('firewall.nobody')]
    const { paths, hostAddress } = readRegion(where.region, stateRoot)
    const secrets = JSON.parse(readFileSync(paths.secrets, 'utf8'))
    secrets.tenants.acme.senders = {
      certificates: [new X509Certificate(own.cert).fingerprint256],
      networks: [`${hostAddress}/32`],
    }
    writeFileSync(paths.secrets, JSON.stringify(secrets))
    await bring()
    const send = messageSender(where)
    const message = (of: string, number: number) =>
      `<34>1 ${new Date().toISOString()} fw-1 sshd 77 LOGIN [of@32473 way="${of}"] ${of}-${number} “refused”`
    const some = (of: string, count = 50) => Array.from({ length: count }, (_, number) => message(of, number))
    const found = async (tenant: TenantCaller, of: string) => {
      const { status, body } = await tenant.query({
        aggregate: 'uniq_id',
        filter: [
          { field: 'host', op: 'eq', value: 'fw-1' },
          { field: 'raw', op: 'contains', value: `${of}-` },
        ],
      })
      assert.equal(status, 200, body)
      return Number((JSON.parse(body) as { rows: [[number]] }).rows[0]?.[0] ?? 0)
    }
    await Promise.all([send.tls(some('secure'), own), send.tcp(some('clear'))])
    await send.tls(some('strange'), strange).catch(() => {})
    await until(
      'what came over streams',
      async () => (await found(acme, 'secure')) === 50 && (await found(acme, 'clear')) === 50,
    )
    // A datagram may be lost. One is sent after the other, so that none arrives after this test.
    for (let sent = 0; (await found(acme, 'datagram')) === 0; sent++) {
      assert.ok(sent < 10, 'no datagram arrives')
      await send.udp(message('datagram', sent))
      let looks = 20
      await until('a datagram, or its time is over', async () => (await found(acme, 'datagram')) > 0 || --looks === 0)
    }
    assert.deepEqual(
      [await found(acme, 'strange'), await found(globex, 'strange'), await found(globex, 'secure')],
      [0, 0, 0],
    )
  })

  test('every query of a dashboard has data, and every rule can be evaluated', async () => {
    const here = dashboardPlans(policies).filter((plan) => !onlyFull.has(serviceOfPlan(plan)))
    assert.ok(here.length >= 6)
    await shards('show')
    let empty: readonly string[] = []
    await until('data for every panel', async () => {
      empty = await withoutData(where, here)
      return empty.length === 0
    }).catch((error: unknown) => {
      throw new Error(`These queries have no data:\n${empty.join('\n')}`, { cause: error })
    })
    const { rules, failing } = await ruleHealth(where)
    assert.ok(rules > 100, `${rules} rules`)
    assert.deepEqual(failing, [])
  })

  test('the region stops and starts again with its data', async () => {
    const before = await acme.counts()
    await stopRegion({ name: where.region, stateRoot, keep: true })
    await bring()
    assert.deepEqual(await acme.arrived(before.events), before)
  })

  test('destroy leaves nothing of ours in the cluster', async () => {
    const toolchain = await ensure(['pulumi'], { cacheRoot: where.cacheRoot })
    for (const stack of stacks.toReversed()) await pulumiFor(where, toolchain).destroy(stack)
    assert.deepEqual(await ownObjects(access), [])
  })

  test('down leaves the machine as it was', async () => {
    const spaces = namespacesOf(regionStatus(where.region, stateRoot).initPid!)
    await stopRegion({ name: where.region, stateRoot, keep: false })
    assert.deepEqual(processesIn(spaces), [])
    assert.equal(existsSync(where.state), false)
    assert.deepEqual(look(), machine)
  })
})
