import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { policies } from '../../../../policies/bundle.ts'
import { seconds } from '../../../../policies/model/units.ts'
import { chartScope } from '../../context.ts'
import { synthesize } from '../../synthesize.ts'
import { cloudContext } from '../../test/context.ts'
import { find, manifestsOf, podOf } from '../../test/manifests.ts'
import { replicaPorts } from '../../workload/managed-network.ts'
import { groupOf, keeperMembers, replicaHosts } from './copies.ts'
import { aliveScript, keeperConfiguration } from './keeper.ts'
import { serverFiles } from './server.ts'

const regions = ['us-east-1', 'us-east-2', 'us-west-2'] as const
const scopeOf = (region: (typeof regions)[number]) => chartScope('prod', { ...cloudContext, region }, policies)
const scopes = regions.map(scopeOf)
const prod = manifestsOf('prod')
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const installation = find(prod, 'ClickHouseInstallation data/us-east-1').spec as any
const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text ?? '')

test('every region knows the same quorum, and every member has its own number for ever', () => {
  const [first, ...others] = scopes.map(keeperMembers)
  for (const other of others) assert.deepEqual(other, first)
  const ids = first?.map(({ id }) => id) ?? []
  assert.deepEqual(ids, [10, 11, 20, 21, 30])
})

test('whichever region is lost, the rest is a majority', () => {
  const all = keeperMembers(scopeOf('us-east-1'))
  for (const lost of regions) {
    const left = all.filter(({ region }) => region !== lost).length
    assert.ok(left > all.length / 2, `${left} of ${all.length} without ${lost}`)
  }
})

test('a member far away votes and leads last, and no round trip looks like a death', () => {
  const file = keeperConfiguration(scopeOf('us-west-2'), 0)
  const priorities = elements(file, 'priority').map(Number)
  assert.ok(Math.min(...priorities.slice(0, 4)) > 10 * (priorities[4] ?? Infinity))
  // Without the right to lead it would be a learner, which has no vote.
  assert.ok(!file.includes('can_become_leader'))
  assert.deepEqual(elements(file, 'server_id'), ['30'])
  const slowest = Math.max(...policies.links.map(({ roundTrip }) => seconds(roundTrip) * 1_000))
  const heartbeat = Number(elements(file, 'heart_beat_interval_ms')[0])
  assert.ok(heartbeat >= 4 * slowest)
  assert.ok(Number(elements(file, 'election_timeout_lower_bound_ms')[0]) >= 4 * heartbeat)
})

test('members believe only who shows a certificate of the authority, and listen by TLS alone', () => {
  const file = keeperConfiguration(scopeOf('us-east-1'), 1)
  assert.deepEqual(elements(file, 'verificationMode'), ['strict', 'strict'])
  assert.deepEqual(elements(file, 'secure'), ['true'])
  assert.ok(!file.includes('<tcp_port>'))
  const { dnsNames } = find(prod, 'Certificate data/keeper').spec as { dnsNames: string[] }
  for (const { host } of keeperMembers(scopeOf('us-east-1')).filter(({ region }) => region === 'us-east-1'))
    assert.ok(dnsNames.includes(host))
})

test('a member reads the file with its own name', () => {
  const config = find(prod, 'ConfigMap data/keeper-config').data as Record<string, string>
  assert.deepEqual(Object.keys(config), ['keeper-0.xml', 'keeper-1.xml'])
  const [container] = podOf(find(prod, 'StatefulSet data/keeper')).containers
  assert.equal(
    container.volumeMounts.find((m: { subPathExpr?: string }) => m.subPathExpr)?.subPathExpr,
    '$(ND_POD).xml',
  )
})

test('regions that acknowledge together are one group, and the one behind is another', () => {
  assert.deepEqual(scopes.map(groupOf), ['hot', 'hot', 'hot_dr'])
  const file = String(serverFiles(scopeOf('us-east-1'))['config.d/neurodefender-remote-servers.xml'])
  const hosts = (name: string) => elements(file.slice(file.indexOf(`<${name}>`), file.indexOf(`</${name}>`)), 'host')
  assert.deepEqual(hosts('hot'), [
    ...replicaHosts(scopeOf('us-east-1'), 'us-east-1'),
    ...replicaHosts(scopeOf('us-east-1'), 'us-east-2'),
  ])
  assert.deepEqual(hosts('hot_dr'), replicaHosts(scopeOf('us-east-1'), 'us-west-2'))
  assert.deepEqual(new Set(elements(file, 'secure')), new Set(['1']))
})

test('the writer is told its group and how many copies must say yes', () => {
  const env = (region: (typeof regions)[number]) => {
    const { manifests } = synthesize('prod', 'services', { ...cloudContext, region })
    const sink = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'hot-sink')
    return Object.fromEntries(
      podOf(sink ?? assert.fail()).containers[0].env.map((e: { name: string; value: string }) => [e.name, e.value]),
    )
  }
  assert.equal(env('us-east-2').ND_CLICKHOUSE_CLUSTER, 'hot')
  assert.equal(env('us-west-2').ND_CLICKHOUSE_CLUSTER, 'hot_dr')
  const quorum = policies.cloud.prod?.clickhouse.insertQuorum ?? assert.fail()
  assert.equal(env('us-east-1').ND_CLICKHOUSE_INSERT_QUORUM, `${quorum}`)
  // More than one region has: what is acknowledged is in two.
  assert.ok(quorum > (policies.environments.prod?.clickhouse.replicas ?? Infinity))
  const replicas = env('us-west-2').ND_CLICKHOUSE_REPLICAS.split(',')
  assert.deepEqual(
    replicas,
    regions.flatMap((region) =>
      replicaHosts(scopeOf('us-east-1'), region).map((host) => `https://${host}:${replicaPorts.lookup}`),
    ),
  )
})

test('the sink may ask every replica beside the mesh, and each has a port for that', () => {
  const { manifests } = synthesize('prod', 'services', { ...cloudContext, region: 'us-east-1' })
  const of = (kind: string) =>
    manifests.find((one) => one.kind === kind && one.metadata.name === 'hot-sink') ?? assert.fail()
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { template } = of('Deployment').spec as any
  const port = `${replicaPorts.lookup}`
  assert.equal(template.metadata.annotations['traffic.sidecar.istio.io/excludeOutboundPorts'], port)
  assert.ok(JSON.stringify(of('NetworkPolicy').spec).includes(`"port":${port}`))
  const file = installation.configuration.files['config.d/neurodefender-listeners.xml'] as string
  assert.match(file, new RegExp(`<lookup>\\s*<type>tls</type>\\s*<impl>plain_http</impl>\\s*<port>${port}</port>`))
})

test('no two replicas of the platform have one name', () => {
  const all = regions.flatMap((region) => replicaHosts(scopeOf('us-east-1'), region))
  assert.equal(all.length, 9)
  const pods = all.map((host) => host.slice(0, host.indexOf('.')))
  assert.equal(new Set(pods).size, all.length)
  const { dnsNames } = find(prod, 'Certificate data/clickhouse').spec as { dnsNames: string[] }
  for (const host of all.slice(0, 3)) assert.ok(dnsNames.includes(host))
})

test('a server listens by TLS alone', () => {
  const file = installation.configuration.files['config.d/neurodefender-listeners.xml'] as string
  for (const plain of ['http_port', 'tcp_port', 'interserver_http_port', 'mysql_port', 'postgresql_port'])
    assert.match(file, new RegExp(`<${plain} remove="remove">`))
  const [cluster] = installation.configuration.clusters
  assert.deepEqual([cluster.secure, cluster.insecure], ['yes', 'no'])
  assert.match(file, /<admin>\s*<type>tls<\/type>/)
})

test('no password stands in the resource, and the servers know only hashes of the users’', () => {
  const text = JSON.stringify(installation)
  for (const password of ['sink password', 'analytics password', 'replica password'])
    assert.ok(!text.includes(password))
  const { data } = find(prod, 'Secret data/clickhouse-users') as unknown as { data: Record<string, string> }
  assert.match(Buffer.from(data.sink ?? '', 'base64').toString(), /^[0-9a-f]{64}$/)
  assert.match(Buffer.from(data.analytics ?? '', 'base64').toString(), /^[0-9a-f]{64}$/)
})

test('nobody who asks or writes may delete, and nothing deletes by age', () => {
  const { users } = installation.configuration
  const grants = [...users['sink/grants/query'], ...users['analytics/grants/query']].join('\n')
  // A projection holds no rows of its own.
  assert.ok(!/DELETE|DROP(?! PROJECTION)|TRUNCATE|ALL\b/.test(grants))
  assert.ok(!/ALTER TABLE|ALTER ON/.test(grants))
  assert.ok(!/\bTTL\b|<ttl/i.test(JSON.stringify(installation)))
})

test('a question is bounded as the objectives say', () => {
  const { profiles, quotas } = installation.configuration
  assert.equal(profiles['analytics/max_execution_time'], seconds(policies.objectives.query.timeout))
  assert.equal(profiles['analytics/max_result_rows'], policies.objectives.query.maxRows)
  // 50 questions a second for each of at most 8 pods.
  assert.equal(quotas['analytics/interval/queries'], 50 * 8 * 60)
})

test('replicas stand in different zones on machines for data, and their volumes outlive them', () => {
  const [template] = installation.templates.podTemplates
  assert.deepEqual(template.podDistribution, [
    { type: 'ClickHouseAntiAffinity', topologyKey: 'topology.kubernetes.io/zone' },
  ])
  assert.equal(template.spec.nodeSelector['neurodefender.io/pool'], 'data')
  const [claim] = installation.templates.volumeClaimTemplates
  assert.deepEqual([claim.reclaimPolicy, claim.spec.storageClassName], ['Retain', 'gp3'])
  assert.equal(installation.configuration.clusters[0].layout.replicasCount, 3)
})

test('without the password that all regions share there is no hot tier', () => {
  const { replica: _, ...clickhouse } = cloudContext.secrets.clickhouse
  assert.throws(
    () => synthesize('prod', 'platform', { ...cloudContext, secrets: { ...cloudContext.secrets, clickhouse } }),
    { name: 'RangeError', message: 'The context has no secrets.clickhouse.replica, which all regions share.' },
  )
})

/** Runs a member's question in a folder of paper: /proc and the certificate are files of the test. */
function alive(script: string, pod: string, ages: { readonly process: number; readonly certificate: number }): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'keeper-'))
  try {
    const uptime = 1_000_000
    mkdirSync(join(folder, 'net'))
    mkdirSync(join(folder, '1'))
    writeFileSync(join(folder, 'net/tcp6'), '  0: 0000:2441 0000:0000 0A\n')
    writeFileSync(join(folder, 'net/tcp'), '')
    writeFileSync(join(folder, 'uptime'), `${uptime}.00 1.00\n`)
    const fields = Array.from({ length: 30 }, (_, i) => (i === 21 ? (uptime - ages.process) * 100 : i))
    writeFileSync(join(folder, '1/stat'), fields.join(' '))
    const certificate = join(folder, 'tls.crt')
    writeFileSync(certificate, '')
    const then = Date.now() / 1_000 - ages.certificate
    utimesSync(certificate, then, then)
    const own = script.replaceAll('/etc/neurodefender/tls/tls.crt', certificate).replaceAll('/proc', folder)
    return spawnSync('sh', ['-c', own], { env: { ...process.env, ND_POD: pod } }).status === 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a member that was given another certificate is started anew in its turn, and no two have one turn', () => {
  const day = 86_400
  const turns = scopes.flatMap((scope) => {
    const script = aliveScript(scope)
    return keeperMembers(scope)
      .filter(({ region }) => region === scope.context.region)
      .map((_, i) => {
        const pod = `keeper-${i}`
        assert.ok(alive(script, pod, { process: 5 * day, certificate: 5 * day + 60 }), 'as it started')
        const hours = Array.from({ length: 48 }, (_, hour) => hour)
        const turn = hours.find((hour) => !alive(script, pod, { process: 5 * day, certificate: hour * 3_600 + 60 }))
        assert.ok(alive(script, pod, { process: 30, certificate: 40 * 3_600 }), 'started anew')
        return turn ?? assert.fail(`${pod} is never started anew.`)
      })
  })
  assert.deepEqual(turns, [0, 4, 8, 12, 16])
  assert.ok(Math.max(...turns) * 3_600 < seconds(policies.operators.certificates.renewBefore))
})

test('a member whose port does not listen is dead', () => {
  const deaf = aliveScript(scopeOf('us-east-1')).replace(':2441 ', ':2442 ')
  assert.ok(!alive(deaf, 'keeper-0', { process: 10, certificate: 20 }))
})
