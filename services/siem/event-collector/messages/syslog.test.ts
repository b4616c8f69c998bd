import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { MemoryBus } from '../../../common/bus/memory.ts'
import { decodeRecord } from '../../../common/codec/record.ts'
import type { MessageEvent } from '../../../common/formats/event.ts'
import { silentLog } from '../../../common/log/log.ts'
import { createMetrics } from '../../../common/metrics/metrics.ts'
import { Placing } from '../../../common/placing/placing.ts'
import type { Quota, Tenant } from '../../../common/tenants/registry.ts'
import { until } from '../../../common/testing/processes.ts'
import { testTls } from '../../../common/testing/server.ts'
import { InFlight } from '../in-flight.ts'
import { collectorMetrics } from '../metrics.ts'
import { Quotas } from '../quota.ts'
import { Gatherer } from './gatherer.ts'
import { Intake } from './intake.ts'
import { messageMetrics } from './metrics.ts'
import { SyslogStream } from './syslog-stream.ts'
import { SyslogUdp } from './syslog-udp.ts'

const { authority, tls } = await testTls()
after(() => tls.close())

const material = async (name: string) => {
  const dir = await authority.issue(name)
  const cert = readFileSync(join(dir, 'tls.crt'))
  return { cert, key: readFileSync(join(dir, 'tls.key')), fingerprint: new X509Certificate(cert).fingerprint256 }
}
const acmeCert = await material('sender.acme')
const globexCert = await material('sender.globex')
const awayCert = await material('sender.away')

interface Setup {
  readonly quota?: Quota
  readonly maxHeldBytes?: number
  readonly maxPerTenant?: number
}

/** Every way in, in front of a bus in memory. acme sends from 127.0.0.1, globex from 127.0.0.2. */
async function setup({ quota, maxHeldBytes = 2 ** 20, maxPerTenant = 10 }: Setup = {}) {
  const tenant = (name: string, homeRegion = 'local'): Tenant => ({
    name,
    homeRegion,
    quota: name === 'acme' ? quota : undefined,
  })
  const certificates = new Map([
    [acmeCert.fingerprint, tenant('acme')],
    [globexCert.fingerprint, tenant('globex')],
    [awayCert.fingerprint, tenant('away', 'us-east-1')],
  ])
  const addresses = new Map([
    ['127.0.0.1', tenant('acme')],
    ['127.0.0.2', tenant('globex')],
    ['127.0.0.4', tenant('away', 'us-east-1')],
  ])
  const tenants = {
    findByCertificate: (print: string) => certificates.get(print),
    findByAddress: (address: string) => addresses.get(address),
  }
  const bus = new MemoryBus()
  const registry = createMetrics({ process: false })
  const inFlight = new InFlight(2 ** 22)
  const metrics = messageMetrics(registry)
  const counters = collectorMetrics(registry, inFlight)
  const gatherer = new Gatherer({
    partitions: 8,
    placing: new Placing({ current: undefined }),
    producer: bus.producer(),
    inFlight,
    maxHeldBytes,
    maxBatch: 1_000,
    maxBatchBytes: 2 ** 18,
    lingerMs: 1,
    log: silentLog,
  })
  const limits = { maxEventBytes: 2 ** 18, clock: { aheadMs: 3_600_000, behindMs: 86_400_000 } }
  const quotas = new Quotas({ eventsPerSecond: 1e9, burst: 1e9 }, () => 0)
  const intake = new Intake({ gatherer, quotas, limits, metrics: { ...metrics, clock: counters.clock } })
  const options = {
    host: '127.0.0.1',
    port: 0,
    region: 'local',
    intake,
    tenants,
    metrics,
    log: silentLog,
    limits: { maxFrameBytes: 4_096, idleMs: 60_000, frameMs: 10_000, maxConnections: 20, maxPerTenant },
  }
  let drops = 5
  const secure = new SyslogStream({ ...options, tls })
  const plain = new SyslogStream(options)
  const udp = new SyslogUdp({ ...options, maxMessageBytes: 4_096, drops: () => drops })
  const ports = { tls: await secure.listen(), tcp: await plain.listen(), udp: await udp.listen() }
  const stored = (of: string) =>
    bus.records('events.raw').flatMap(({ value }) => {
      const { tenant: whose, events } = decodeRecord(value, 2 ** 20)
      return whose === of ? events.map((event) => JSON.parse(event.toString()) as MessageEvent) : []
    })
  return {
    bus,
    ports,
    certificates,
    addresses,
    gatherer,
    secure,
    plain,
    udp,
    stored,
    originals: (of: string) => stored(of).map(({ original }) => original),
    letters: () =>
      bus
        .records('events.dead-letter')
        .flatMap(({ value }) => JSON.parse(value.toString()).letters as { reason: string; length: number }[]),
    text: () => registry.text(),
    kernel: (more: number) => {
      drops += more
    },
    stop: async () => {
      await Promise.all([secure.stop(100), plain.stop(100), udp.stop()])
      await gatherer.close(10_000)
    },
  }
}
type Running = Awaited<ReturnType<typeof setup>>

const quiet = <S extends Socket>(socket: S): S => {
  socket.on('error', () => {})
  socket.resume()
  return socket
}
const tcp = (to: Running, localAddress = '127.0.0.1') =>
  quiet(connect({ port: to.ports.tcp, host: '127.0.0.1', localAddress }))
const secure = (to: Running, client?: { cert: Buffer; key: Buffer }) =>
  quiet(tlsConnect({ port: to.ports.tls, host: '127.0.0.1', ca: authority.ca, servername: 'localhost', ...client }))
const closed = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, 'close'))

test('TLS: a certificate says whose messages they are; both framings; the original kept', async () => {
  const to = await setup()
  const one = secure(to, acmeCert)
  one.end('21 <13>1 - h a p m - one15 <13>host: two\n3')
  const two = secure(to, globexCert)
  two.end('<13>1 - h a p m - three\nCEF:0|v|p|1|c|n|3|src=1.2.3.4\n')
  await Promise.all([closed(one), closed(two)])
  await until('all are stored', () => to.stored('acme').length === 2 && to.stored('globex').length === 2)
  assert.deepEqual(to.originals('acme'), ['<13>1 - h a p m - one', '<13>host: two\n3'])
  assert.deepEqual(
    to.stored('globex').map(({ format, transport }) => [format, transport]),
    [
      ['rfc5424', { protocol: 'syslog-tls', peer: '127.0.0.1' }],
      ['cef', { protocol: 'syslog-tls', peer: '127.0.0.1' }],
    ],
  )
  await to.stop()
  assert.match(await to.text(), /nd_messages_total\{protocol="syslog-tls",format="cef"\} 1/)
})

test('attack: no certificate, one of the region’s own services, one of a tenant at home elsewhere', async () => {
  const to = await setup()
  const service = await material('hot-sink')
  for (const socket of [secure(to), secure(to, service), secure(to, awayCert)]) {
    socket.write('<13>1 - h a p m - mine\n')
    await closed(socket)
  }
  await to.stop()
  assert.equal(to.bus.records('events.raw').length, 0)
  const text = await to.text()
  for (const reason of ['NO_CERTIFICATE', 'UNKNOWN_CERTIFICATE', 'OTHER_HOME_REGION'])
    assert.match(text, new RegExp(`nd_connections_refused_total\\{protocol="syslog-tls",reason="${reason}"\\} 1`))
})

test('attack: a message that names another tenant is its sender’s all the same', async () => {
  const to = await setup()
  const claims = [
    '<13>1 - globex globex p m [tenant@1 name="globex" tenant="globex"] tenant=globex',
    'CEF:0|globex|globex|1|c|n|3|tenant=globex customerURI=/All Customers/globex',
    'LEEF:1.0|globex|p|1|e|tenant=globex\tdomain=globex',
    '{"tenant":"globex"}',
  ]
  const socket = secure(to, acmeCert)
  socket.end(claims.map((claim) => `${claim}\n`).join(''))
  await closed(socket)
  await until('all are stored', () => to.stored('acme').length === claims.length)
  await to.stop()
  assert.deepEqual(to.originals('acme'), claims)
  assert.equal(to.stored('globex').length, 0)
})

test('attack: an address of another network, and of nobody’s, over TCP and UDP', async () => {
  const to = await setup()
  for (const address of ['127.0.0.3', '127.0.0.4']) {
    const socket = tcp(to, address)
    socket.write('<13>nobody\n')
    await closed(socket)
    const udp = createSocket('udp4')
    udp.bind(0, address)
    await once(udp, 'listening')
    await new Promise((resolve) => udp.send('<13>nobody', to.ports.udp, '127.0.0.1', resolve))
    udp.close()
  }
  const globex = tcp(to, '127.0.0.2')
  globex.end('<13>theirs\n')
  await closed(globex)
  await until('it is stored', () => to.stored('globex').length === 1)
  await until('the datagrams were read', async () =>
    /nd_datagrams_dropped_total\{reason="OTHER_HOME_REGION"\} 1/.test(await to.text()),
  )
  await to.stop()
  assert.equal(to.stored('acme').length, 0)
  const text = await to.text()
  for (const reason of ['UNKNOWN_SOURCE', 'OTHER_HOME_REGION']) {
    assert.match(text, new RegExp(`nd_datagrams_dropped_total\\{reason="${reason}"\\} 1`))
    assert.match(text, new RegExp(`nd_connections_refused_total\\{protocol="syslog-tcp",reason="${reason}"\\} 1`))
  }
})

test('attack: a certificate taken out of the registry ends an open connection with its next message', async () => {
  const to = await setup()
  const socket = secure(to, acmeCert)
  socket.write('<13>1 - h a p m - before\n')
  await until('it is stored', () => to.stored('acme').length === 1)
  const acme = to.certificates.get(acmeCert.fingerprint)!
  to.certificates.delete(acmeCert.fingerprint)
  socket.write('<13>1 - h a p m - after\n')
  await closed(socket)
  // The same where it is another's now: what was begun as one tenant's never goes on as another's.
  to.certificates.set(acmeCert.fingerprint, acme)
  const moved = secure(to, acmeCert)
  moved.write('<13>1 - h a p m - again\n')
  await until('it is stored', () => to.stored('acme').length === 2)
  to.certificates.set(acmeCert.fingerprint, to.certificates.get(globexCert.fingerprint)!)
  moved.write('<13>1 - h a p m - after\n')
  await closed(moved)
  await to.stop()
  assert.deepEqual([to.stored('acme').length, to.stored('globex').length], [2, 0])
})

test('attack: oversize frames cost a dead letter each, a stream out of step its connection', async () => {
  const to = await setup()
  const lines = tcp(to)
  lines.end(`<13>${'x'.repeat(1_000_000)}\n<13>next\n`)
  const counted = tcp(to)
  counted.write(`100000 <13>${'x'.repeat(99_996)}8 <13>next9999999999 <`)
  await Promise.all([closed(lines), closed(counted)])
  await until('all are stored', () => to.stored('acme').length === 2 && to.letters().length === 3)
  await to.stop()
  assert.deepEqual(to.originals('acme'), ['<13>next', '<13>next'])
  assert.deepEqual(
    to
      .letters()
      .map(({ reason, length }) => [reason, length])
      .sort(),
    [
      ['BAD_FRAME', 12],
      ['TOO_LARGE', 100_000],
      ['TOO_LARGE', 1_000_004],
    ],
  )
})

test('attack: slow and silent connections are ended; what a tenant may open at once is bounded', async () => {
  const to = await setup({ maxPerTenant: 2 })
  const [slow, idle] = [tcp(to), tcp(to)]
  await until('both are open', async () => /nd_connections\{protocol="syslog-tcp"\} 2/.test(await to.text()))
  const third = tcp(to)
  await closed(third)
  slow.write('<13>never the end of it')
  const other = tcp(to, '127.0.0.2')
  other.end('<13>theirs\n')
  await until('another tenant is served', () => to.stored('globex').length === 1)
  const connections = to.plain.connections
  await until('its bytes are there', () => {
    connections.sweep(performance.now() + 11_000)
    return slow.closed
  })
  assert.equal(idle.closed, false)
  connections.sweep(performance.now() + 61_000)
  await closed(idle)
  await to.stop()
  const text = await to.text()
  for (const reason of ['TOO_MANY_CONNECTIONS', 'SLOW_FRAME', 'IDLE'])
    assert.match(text, new RegExp(`nd_connections_refused_total\\{protocol="syslog-tcp",reason="${reason}"\\} 1`))
})

test('while Kafka is slow sockets are not read: memory is bounded, and nothing is lost', async () => {
  const to = await setup({ maxHeldBytes: 100_000 })
  to.bus.hold()
  const socket = tcp(to)
  const count = 20_000
  const line = (i: number) => `<13>1 - h a p m - ${i} ${'x'.repeat(400)}\n`
  let sent = 0
  const pump = () => {
    while (sent < count && socket.write(line(sent++)));
    if (sent === count) socket.end()
  }
  socket.on('drain', pump)
  pump()
  await until('it is held back', async () =>
    /nd_connections_slowed_total\{protocol="syslog-tcp",reason="NO_ROOM"\} [1-9]/.test(await to.text()),
  )
  assert.ok(to.gatherer.heldBytes < 100_000 + 4 * 65_536, `${to.gatherer.heldBytes} bytes are held`)
  assert.ok(sent < count)
  to.bus.release()
  await closed(socket)
  await until('all are stored', () => to.stored('acme').length === count)
  assert.deepEqual(
    to.originals('acme').map((text) => Number(text.split(' ')[7])),
    Array.from({ length: count }, (_, i) => i),
  )
  await to.stop()
})

test('over its quota a connection is slowed and a datagram dropped', async () => {
  const to = await setup({ quota: { eventsPerSecond: 1e-6, burst: 2 } })
  const socket = tcp(to)
  socket.write('<13>one\n<13>two\n')
  await until('they are stored', () => to.stored('acme').length === 2)
  socket.write('<13>three\n')
  await until('it is slowed', async () =>
    /nd_connections_slowed_total\{protocol="syslog-tcp",reason="OVER_QUOTA"\} [1-9]/.test(await to.text()),
  )
  const udp = createSocket('udp4')
  udp.send('<13>four', to.ports.udp, '127.0.0.1')
  await until('it is dropped', async () => /nd_datagrams_dropped_total\{reason="OVER_QUOTA"\} 1/.test(await to.text()))
  udp.close()
  assert.equal(to.stored('acme').length, 2)
  // Stopping does not throw away what was read.
  await to.stop()
  assert.equal(to.stored('acme').length, 3)
})

test('UDP: a datagram is a message, without the line end that some put; kernel drops are counted from the start on', async () => {
  const to = await setup()
  const udp = createSocket('udp4')
  for (const message of ['<13>one', '<13>two\n', '<13>three\r\n\0', '\n', `<13>${'x'.repeat(5_000)}`])
    await new Promise((resolve) => udp.send(message, to.ports.udp, '127.0.0.1', resolve))
  await until(
    'all are read',
    async () => to.stored('acme').length === 3 && /reason="TOO_LARGE"\} 1/.test(await to.text()),
  )
  udp.close()
  to.kernel(7)
  to.udp.countDrops()
  await to.stop()
  assert.deepEqual(to.originals('acme'), ['<13>one', '<13>two', '<13>three'])
  assert.match(await to.text(), /nd_datagrams_kernel_dropped_total 7/)
})

test('stopping reads on what senders have sent and tells them to end', async () => {
  const to = await setup()
  const socket = connect({ port: to.ports.tcp, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  let sent = 0
  const timer = setInterval(() => socket.write(`<13>${sent++}\n`), 1)
  socket.once('end', () => {
    clearInterval(timer)
    socket.end()
  })
  socket.resume()
  await until('some are stored', () => to.stored('acme').length > 10)
  await to.stop()
  assert.equal(to.stored('acme').length, sent)
})
