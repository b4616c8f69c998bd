import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { hash } from 'bcryptjs'
import { ensure } from '../../../../../tools/engine/ensure.ts'
import { Prometheus, PrometheusError } from '../../../../common/prometheus/prometheus.ts'
import { freePort, until } from '../../../../common/testing/processes.ts'
import { testTls } from '../../../../common/testing/server.ts'
import { GatewayEvidence, selectorOf } from './gateway.ts'

// A real Prometheus with a password over TLS, as a region's is; its target counts what the test says.
let target: Server
let child: ChildProcess
let url: URL
let authority: Awaited<ReturnType<typeof testTls>>
const password = 'only-for-this-test'
const counted = { ok: 0, bad: 0, slow: 0 }

const host = 'threats.ngfw.svc.cluster.local'
const cluster = (subset: string) => `envoy_cluster_name="outbound|8443|${subset}|${host}"`

/** What a gateway shows: a counter of failures only once it has one. */
function page(): string {
  const { ok, bad, slow } = counted
  const of = cluster('canary')
  return [
    '# TYPE envoy_cluster_upstream_rq_xx counter',
    `envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",${of}} ${ok}`,
    ...(bad > 0 ? [`envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",${of}} ${bad}`] : []),
    `envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",${cluster('stable')}} ${9 * ok}`,
    '# TYPE envoy_cluster_upstream_rq_time histogram',
    `envoy_cluster_upstream_rq_time_bucket{${of},le="8"} ${ok + bad - slow}`,
    `envoy_cluster_upstream_rq_time_bucket{${of},le="+Inf"} ${ok + bad}`,
    `envoy_cluster_upstream_rq_time_sum{${of}} 0`,
    `envoy_cluster_upstream_rq_time_count{${of}} ${ok + bad}`,
    '',
  ].join('\n')
}

before(async () => {
  authority = await testTls('prometheus')
  target = createServer((_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(page()))
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const folder = authority.authority.root
  const port = await freePort()
  const files = { config: join(folder, 'prometheus.json'), web: join(folder, 'web.json') }
  const { port: scraped } = target.address() as AddressInfo
  writeFileSync(
    files.config,
    JSON.stringify({
      global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
      scrape_configs: [{ job_name: 'gateway', static_configs: [{ targets: [`127.0.0.1:${scraped}`] }] }],
    }),
  )
  const certificate = join(folder, 'prometheus')
  writeFileSync(
    files.web,
    JSON.stringify({
      tls_server_config: { cert_file: join(certificate, 'tls.crt'), key_file: join(certificate, 'tls.key') },
      basic_auth_users: { nd: await hash(password, 4) },
    }),
  )
  const bin = (await ensure(['prometheus'])).bin('prometheus')
  child = spawn(
    bin,
    [
      `--config.file=${files.config}`,
      `--web.config.file=${files.web}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
    ],
    { stdio: 'ignore' },
  )
  url = new URL(`https://127.0.0.1:${port}/`)
})
after(async () => {
  target?.close()
  target?.closeAllConnections()
  authority?.tls.close()
  if (!child) return
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
})

const never = new AbortController().signal
const prometheus = (more: { password?: string; ca?: Buffer; maxBytes?: number } = {}) =>
  new Prometheus({
    config: { url, user: 'nd', password: more.password ?? password },
    tls: { current: { ca: more.ca ?? authority.tls.current.ca } },
    timeoutMs: 10_000,
    ...(more.maxBytes === undefined ? {} : { maxBytes: more.maxBytes }),
  })

test('what the gateway counted since then is read exactly, its first failures and a restart included', async () => {
  const source = prometheus()
  const newestOf = async () => {
    const series = await source
      .range(selectorOf('canary', host), Date.now() - 60_000, Date.now(), never)
      .catch(() => [])
    return new Map(
      series.map(({ labels, samples }) => [
        `${labels.__name__} ${labels.envoy_response_code_class ?? labels.le}`,
        samples.at(-1)?.[1],
      ]),
    )
  }
  const seen = (name: string, value: number) =>
    until(`Prometheus to have ${name} ${value}`, async () => (await newestOf()).get(name) === value)
  counted.ok = 1_000
  await seen('envoy_cluster_upstream_rq_xx 2', 1_000)
  const from = Date.now()
  // A scrape within the span, from which is counted.
  await until('a scrape since then', async () => {
    const series = await source.range(selectorOf('canary', host), from, Date.now(), never)
    return series.length > 0
  })
  Object.assign(counted, { ok: 1_300, bad: 20, slow: 15 })
  await seen('envoy_cluster_upstream_rq_xx 5', 20)
  // The gateway begins anew.
  Object.assign(counted, { ok: 50, bad: 0, slow: 0 })
  await seen('envoy_cluster_upstream_rq_xx 2', 50)
  const now = Date.now()
  const span = { from, to: now }
  const evidence = await new GatewayEvidence({ source, maxAgeMs: 60_000 }).read(
    { host, stable: span, canary: span, version: '2', now },
    never,
  )
  assert.ok(evidence.known, JSON.stringify(evidence))
  const { canary, stable } = evidence.figures
  assert.deepEqual([canary.requests, canary.errors], [300 + 20 + 50, 20])
  assert.deepEqual([stable.requests, stable.errors], [9 * 350, 0])
  assert.deepEqual(canary.latencies.bounds, [8])
  assert.equal(canary.latencies.total, 300 + 20 + 50)
})

test('a wrong password, an authority that is not ours and a long answer are no answer', async () => {
  const ask = (more: Parameters<typeof prometheus>[0]) =>
    prometheus(more).range('up', Date.now() - 60_000, Date.now(), never)
  await assert.rejects(
    ask({ password: 'guessed' }),
    (error: Error) => error instanceof PrometheusError && /401/.test(error.message),
  )
  const other = await testTls('somebody')
  try {
    await assert.rejects(ask({ ca: readFileSync(join(other.authority.root, 'somebody', 'ca.crt')) }), PrometheusError)
  } finally {
    other.tls.close()
  }
  await assert.rejects(ask({ maxBytes: 10 }), /more than 10 bytes/)
})
