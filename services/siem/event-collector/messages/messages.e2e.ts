import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { KafkaReader } from '../../../common/bus/kafka/reader.ts'
import { eventId } from '../../../common/codec/event-batch.ts'
import { decodeRecord } from '../../../common/codec/record.ts'
import type { MessageEvent } from '../../../common/formats/event.ts'
import { silentLog } from '../../../common/log/log.ts'
import { kafkaFiles, TestBroker } from '../../../common/testing/broker.ts'
import { freePort, Processes, until } from '../../../common/testing/processes.ts'
import { testTls } from '../../../common/testing/server.ts'
import { TlsFiles } from '../../../common/tls/material.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'

const collectorJob = new URL('../main.ts', import.meta.url)
const topicsJob = new URL('../../../platform/topics/main.ts', import.meta.url)
const partitions = 8

/** A collector process and a broker, and what stands in Kafka: tenant → event id → event, in the order of its records. */
async function region() {
  const { authority, tls, call } = await testTls()
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const sender = await authority.issue('sender.acme')
  const client = { cert: readFileSync(join(sender, 'tls.crt')), key: readFileSync(join(sender, 'tls.key')) }
  const ports = {
    https: await freePort(),
    admin: await freePort(),
    tls: await freePort(),
    tcp: await freePort(),
    udp: await freePort(),
  }
  const tenantsFile = join(authority.root, 'tenants.json')
  const entry = (tenant: string, senders: object) => ({
    tenant,
    tokenSha256: createHash('sha256').update(`nd_${tenant}`).digest('hex'),
    homeRegion: 'local',
    senders,
  })
  writeFileSync(
    tenantsFile,
    JSON.stringify({
      tenants: [
        entry('acme', { certificates: [new X509Certificate(client.cert).fingerprint256] }),
        entry('globex', { networks: ['127.0.0.0/8'] }),
      ],
    }),
  )
  const tlsDir = join(authority.root, 'event-collector')
  const processes = new Processes({
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: tlsDir,
    ND_KAFKA_BROKERS: broker.address,
    ND_TENANTS_FILE: tenantsFile,
    ND_LISTEN: '127.0.0.1',
    ND_HTTPS_PORT: `${ports.https}`,
    ND_ADMIN_PORT: `${ports.admin}`,
    ND_SYSLOG_TLS_PORT: `${ports.tls}`,
    ND_SYSLOG_TCP_PORT: `${ports.tcp}`,
    ND_SYSLOG_UDP_PORT: `${ports.udp}`,
  })
  const readerTls = new TlsFiles(tlsDir, silentLog)
  const reader = new KafkaReader({
    brokers: [broker.address],
    tls: readerTls,
    clientId: 'test',
    log: silentLog,
    topic: 'events.raw',
  })
  broker.start()
  assert.equal(await processes.ended(processes.run(topicsJob)), 0, processes.output)
  const collector = processes.run(collectorJob)
  const ready = () =>
    call(ports.admin, '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    )
  await until('the collector is ready', ready)
  const stored = new Map<string, Map<string, MessageEvent>>()
  const take = (value: Buffer): void => {
    const { tenant, batch, lines, events } = decodeRecord(value, 2 ** 22)
    const of = stored.get(tenant) ?? new Map<string, MessageEvent>()
    stored.set(tenant, of)
    for (const [i, line] of lines.entries()) {
      const id = eventId(tenant, batch, line)
      // A batch may be written twice, under the same ids.
      if (!of.has(id)) of.set(id, JSON.parse(events[i]!.toString()))
    }
  }
  for (let partition = 0; partition < partitions; partition++)
    reader.follow(partition, await reader.toEnd(partition, undefined, () => {}), (records) => {
      for (const { value } of records) take(value)
    })
  return {
    broker,
    call,
    client,
    collector,
    ports,
    processes,
    ca: authority.ca,
    events: (tenant: string) => [...(stored.get(tenant)?.values() ?? [])],
    metrics: async () => (await call(ports.admin, '/metrics', { cert: client })).body,
    end: async () => {
      await processes.killAll()
      await reader.close()
      await broker.remove()
      readerTls.close()
      tls.close()
    },
  }
}

const python = (port: number, socktype: 'SOCK_STREAM' | 'SOCK_DGRAM') => `
import logging, logging.handlers, socket
h = logging.handlers.SysLogHandler(address=('127.0.0.1', ${port}), facility='auth', socktype=socket.${socktype})
h.append_nul = True
l = logging.getLogger('python')
l.addHandler(h)
l.error('from python over ${socktype}')
h.close()
`
const exists = (program: string) => spawnSync(program, ['--version']).status === 0

test('every protocol in, records out, the original kept', { skip, timeout: 240_000 }, async (t) => {
  const { ports, client, ca, call, events, processes, collector, metrics, end } = await region()
  t.after(end)
  const cef = '<14>1 2026-01-05T10:00:00Z fw app - - - CEF:0|v|p|1|c|n|7|src=1.2.3.4'
  const secure = tlsConnect({ port: ports.tls, host: '127.0.0.1', ca, servername: 'localhost', ...client })
  secure.resume()
  secure.end(`${cef.length} ${cef}`)
  await once(secure, 'close')
  const leef = 'LEEF:1.0|v|p|1|e|src=1.2.3.4\tsev=5'
  const plain = connect(ports.tcp, '127.0.0.1').resume()
  plain.end(`${leef}\n`)
  await once(plain, 'close')
  const record = { timeUnixNano: '1767607200000000000', body: { stringValue: 'from otlp' } }
  const logs = await call(ports.https, '/v1/logs', {
    method: 'POST',
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }),
    headers: { authorization: 'Bearer nd_acme', 'content-type': 'application/json' },
  })
  assert.equal(logs.status, 200, logs.body)
  const others: string[] = []
  if (exists('python3'))
    for (const [port, socktype] of [
      [ports.tcp, 'SOCK_STREAM'],
      [ports.udp, 'SOCK_DGRAM'],
    ] as const) {
      const { status, stderr } = spawnSync('python3', ['-c', python(port, socktype)], { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
      others.push(`<35>from python over ${socktype}`)
    }
  if (exists('logger')) {
    const args = [
      '--server',
      '127.0.0.1',
      '--port',
      `${ports.udp}`,
      '--udp',
      '--rfc5424',
      '-p',
      'auth.warning',
      'from logger',
    ]
    assert.equal(spawnSync('logger', args).status, 0)
  }
  await until('all of acme is stored', () => events('acme').length === 2)
  const wanted = 1 + others.length + (exists('logger') ? 1 : 0)
  await until('all of globex is stored', () => events('globex').length === wanted)
  assert.deepEqual(
    events('acme')
      .map(({ format, original }) => [format, original])
      .sort(),
    [
      ['cef', cef],
      ['otlp', JSON.stringify(record)],
    ],
  )
  const originals = events('globex').map(({ original }) => original)
  for (const original of [leef, ...others]) assert.ok(originals.includes(original), original)
  const logger = events('globex').find(({ format }) => format === 'rfc5424')
  if (exists('logger')) assert.deepEqual([logger?.message, logger?.syslog?.severity_name], ['from logger', 'warning'])
  assert.match(await metrics(), /nd_messages_total\{protocol="syslog-tls",format="cef"\} 1/)
  collector.kill('SIGTERM')
  assert.equal(await processes.ended(collector), 0, processes.output)
})

test('a broker killed -9 under a stream: the sender waits, and every message is stored once, in order', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { broker, ports, client, ca, events, metrics, collector, processes, end } = await region()
  t.after(end)
  const socket = tlsConnect({ port: ports.tls, host: '127.0.0.1', ca, servername: 'localhost', ...client })
  socket.resume()
  let sent = 0
  let sending = true
  const finished = (async () => {
    while (sending) {
      if (!socket.write(`<13>1 - h a p m - ${sent++} ${'x'.repeat(1_000)}\n`)) await once(socket, 'drain')
    }
    socket.end()
    await once(socket, 'close')
  })()
  await until('some are stored', () => events('acme').length > 2_000)
  for (const _ of [1, 2]) {
    await broker.kill()
    await until('the sender is held back', async () =>
      /nd_connections_slowed_total\{protocol="syslog-tls",reason="NO_ROOM"\} [1-9]/.test(await metrics()),
    )
    const held = sent
    broker.start()
    await until('it goes on', () => sent > held + 5_000)
  }
  sending = false
  await finished
  await until('all are stored', () => events('acme').length >= sent)
  assert.deepEqual(
    events('acme').map(({ message }) => Number(message!.split(' ')[0])),
    Array.from({ length: sent }, (_, i) => i),
  )
  t.diagnostic(`${sent} messages`)
  collector.kill('SIGTERM')
  assert.equal(await processes.ended(collector), 0, processes.output)
})
