import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { tracing } from '../../../policies/tracing.ts'
import { KafkaProducer } from '../bus/kafka/producer.ts'
import { silentLog } from '../log/log.ts'
import { encodeMapRecord } from '../sharding/format.ts'
import { exampleMap } from '../sharding/testing.ts'
import { kafkaFiles, TestBroker } from '../testing/broker.ts'
import { freePorts, Processes, until } from '../testing/processes.ts'
import { testTls } from '../testing/server.ts'
import { type ReceivedSpan, TraceReceiver } from '../testing/traces.ts'
import { readTls } from '../tls/material.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'

const rule = `
title: Encoded command
id: 00000000-0000-0000-0000-000000000001
level: high
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: ' -enc '}
  condition: selection
`

/** What a trace of one request is to be: each span with its process and the one above it. */
const chain = [
  'event-collector: collect',
  'event-collector: collect > read',
  'event-collector: collect > parse',
  'event-collector: collect > normalise',
  'event-collector: collect > produce events.raw',
  'correlation-engine: produce events.raw > wait events.raw',
  'correlation-engine: produce events.raw > correlate',
  'correlation-engine: correlate > decode',
  'correlation-engine: correlate > evaluate',
  'correlation-engine: correlate > alert',
  'correlation-engine: alert > publish',
  'correlation-engine: alert > wait alerts',
  'correlation-engine: alert > webhook',
  'correlation-engine: webhook > deliver',
]

function chainOf(spans: readonly ReceivedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  return spans.map(({ service, name, parentSpanId }) => {
    const above = parentSpanId === undefined ? '' : `${byId.get(parentSpanId)?.name ?? 'nobody'} > `
    return `${service}: ${above}${name}`
  })
}

test('one trace leads from a request to its alert and its webhook, and nobody’s events are in it', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { authority, tls, call } = await testTls('event-collector')
  const issued = async (name: string) => readTls(await authority.issue(name))
  await authority.issue('correlation-engine')
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const receiver = new TraceReceiver(await issued('opentelemetry-collector'))
  const traces = await receiver.listen()
  const { cert, key } = await issued('receiver')
  const hooks = createServer({ cert, key }, (request, response) => {
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  const hook = `https://localhost:${(hooks.address() as AddressInfo).port}/hook`
  const [port, ...adminPorts] = (await freePorts(4)) as [number, number, number, number]
  const file = (name: string, text: string) => {
    const path = join(authority.root, name)
    writeFileSync(path, text)
    return path
  }
  const folder = (name: string) => {
    mkdirSync(join(authority.root, name), { recursive: true })
    return join(authority.root, name)
  }
  const tokenSha256 = createHash('sha256').update('nd_acme').digest('hex')
  const webhooks = [{ url: hook, secret: 'acme' }]
  const tenants = [{ tenant: 'acme-of-the-test', tokenSha256, homeRegion: 'local', webhooks }]
  const processes = new Processes({
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_KAFKA_BROKERS: broker.address,
    ND_TENANTS_FILE: file('tenants.json', JSON.stringify({ tenants })),
    ND_LISTEN: '127.0.0.1',
    ND_TRACES: traces,
    ND_RULES_PACK: 'none',
    ND_RULES_DIR: folder('rules'),
    ND_WEBHOOK_SECRETS_DIR: folder('secrets'),
    ND_WEBHOOK_TARGETS: 'any',
    NODE_EXTRA_CA_CERTS: file('ca.crt', authority.ca),
    ND_SYSLOG_TLS_PORT: '0',
    ND_SYSLOG_TCP_PORT: '0',
    ND_SYSLOG_UDP_PORT: '0',
    ND_HTTPS_PORT: `${port}`,
  })
  file('rules/rules.yml', rule)
  file('secrets/acme', 'a key\n')
  const run = (service: string, adminPort: number, pod: string) =>
    processes.run(new URL(`../../siem/${service}/main.ts`, import.meta.url), {
      ND_TLS_DIR: join(authority.root, service),
      ND_ADMIN_PORT: `${adminPort}`,
      ND_POD: pod,
    })
  const kafka = { brokers: [broker.address], tls, clientId: 'test', log: silentLog }
  const producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 2 ** 20 })
  t.after(async () => {
    await processes.killAll()
    await producer.close()
    await broker.remove()
    await receiver.close()
    hooks.closeAllConnections()
    hooks.close()
    tls.close()
  })

  broker.start()
  const topics = processes.run(new URL('../../platform/topics/main.ts', import.meta.url), {
    ND_TLS_DIR: join(authority.root, 'event-collector'),
  })
  assert.equal(await processes.ended(topics), 0, processes.output)
  const writer = { term: 1, writer: 'test' }
  const map = { topic: 'shards.map', partition: 0 } as const
  await producer.send([
    { ...map, key: Buffer.from('claim/1'), value: encodeMapRecord({ kind: 'claim', ...writer }) },
    { ...map, key: Buffer.from('map/1'), value: encodeMapRecord({ kind: 'map', ...writer, content: exampleMap(2) }) },
  ])
  const running = [
    run('event-collector', adminPorts[0]!, 'event-collector-a'),
    run('correlation-engine', adminPorts[1]!, 'correlation-engine-0'),
    run('correlation-engine', adminPorts[2]!, 'correlation-engine-1'),
  ]
  const ready = async (at: number) => (await call(at, '/readyz').catch(() => undefined))?.status === 200
  await until('all are ready', async () => (await Promise.all(adminPorts.map(ready))).every(Boolean), 120_000, 250)

  const event = {
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    EventID: 1,
    CommandLine: 'secret-of-a-tenant -enc x',
  }
  const send = (number: number) =>
    call(port, '/v1/events', {
      method: 'POST',
      body: `${JSON.stringify(event)}\n`,
      headers: {
        authorization: 'Bearer nd_acme',
        'content-type': 'application/x-ndjson',
        'idempotency-key': `batch-of-the-test-${number}`,
        // A sender that would have all of its requests followed.
        traceparent: `00-${number.toString(16).padStart(32, 'a')}-00f067aa0ba902b7-01`,
      },
    })
  // Twice the mean is the farthest that the next choice can be.
  const requests = 2 * tracing.oneIn
  for (let i = 0; i < requests; i++) assert.equal((await send(i)).status, 200)

  const byTrace = () => Map.groupBy(receiver.spans, ({ traceId }) => traceId)
  await until(
    () => `a trace ends with its webhook: ${JSON.stringify([...byTrace().values()].map(chainOf))}`,
    () => [...byTrace().values()].some((spans) => spans.some(({ name }) => name === 'webhook')),
  )
  const chosen = await call(adminPorts[0]!, '/metrics', { cert: tls.current })
  const begun = Number(/^nd_traces_total\{result="begun"\} (\d+)$/m.exec(chosen.body)?.[1])
  assert.ok(begun >= 1 && begun < requests / 4, `${begun} traces of ${requests} requests`)

  for (const child of running) child.kill('SIGTERM')
  for (const child of running) assert.equal(await processes.ended(child), 0, processes.output.slice(-4_000))
  // What waited was handed over at the end.
  assert.equal(byTrace().size, begun)
  t.diagnostic(`${begun} traces of ${requests} requests, ${receiver.spans.length} spans`)
  for (const [traceId, spans] of byTrace()) {
    assert.match(traceId, /^a+[0-9a-f]{1,3}$/, 'the trace’s id is the sender’s')
    assert.deepEqual(chainOf(spans).sort(), [...chain].sort())
    const of = (name: string) => spans.find((span) => span.name === name)!
    for (const { startTimeUnixNano, endTimeUnixNano, status } of spans) {
      assert.ok(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano))
      assert.equal(status.code, 0)
    }
    // Clocks of processes on one machine differ by their grain.
    const grain = 3_000_000n
    assert.ok(BigInt(of('collect').startTimeUnixNano) <= BigInt(of('wait events.raw').startTimeUnixNano) + grain)
    assert.ok(BigInt(of('wait events.raw').endTimeUnixNano) <= BigInt(of('correlate').startTimeUnixNano) + grain)
    assert.ok(BigInt(of('alert').startTimeUnixNano) <= BigInt(of('webhook').startTimeUnixNano) + grain)
  }
  assert.doesNotMatch(receiver.text, /acme|secret-of-a-tenant|batch-of-the-test|Sysmon/)
})
