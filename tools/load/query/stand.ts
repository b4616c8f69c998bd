import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import { redisProgram, TestRedis } from '../../../services/common/cache/testing/redis.ts'
import { hotTierClient } from '../../../services/common/hot-tier/client.ts'
import { silentLog } from '../../../services/common/log/log.ts'
import { TestAuthority } from '../../../services/common/testing/certificates.ts'
import { freePort } from '../../../services/common/testing/processes.ts'
import { TlsFiles } from '../../../services/common/tls/material.ts'

/** The service and what it stands on, each a process of its own, as a region starts them but without Kubernetes: over TLS, on loopback. */
export interface Stand {
  readonly url: string
  readonly ca: string
  readonly token: (tenant: string) => string
  /** Writes, and reads the engine's own tables. */
  readonly sink: ClickHouseClient
  /** As the service does. */
  readonly reader: ClickHouseClient
  /** CPU seconds that each part has used. */
  cpu(): Readonly<Record<string, number>>
  close(): Promise<void>
}

const ticksPerSecond = 100
const password = 'a password of the bench'
const entry = (path: string): string => new URL(`../../../${path}`, import.meta.url).pathname

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** `data`: the engine's folder, made when it is not there. Throws when Redis has not been made yet (make engine). */
export async function openStand(data: string, tenants: readonly string[], signal: AbortSignal): Promise<Stand> {
  const redisPath = redisProgram()
  if (!redisPath) throw new Error('Redis is not in the cache of tools yet. Make it: make engine')
  const folder = mkdtempSync(join(tmpdir(), 'nd-bench-query-'))
  mkdirSync(data, { recursive: true })
  const authority = await TestAuthority.create()
  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
    return join(folder, name)
  }
  const token = (tenant: string): string => `nd_bench_${tenant}`
  const [port, adminPort, hotPort, hotAdminPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const redis = await TestRedis.create(redisPath, await authority.issue('redis'))
  const children = new Map<string, ChildProcess>()
  let output = ''
  const run = (name: string, path: string, env: Record<string, string>): void => {
    const child = spawn(process.execPath, [entry(path)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4_000)
      })
    children.set(name, child)
  }
  const users = { sink: { password, access: 'write' }, analytics: { password, access: 'read' } }
  run('clickhouse', 'infra/local/clickhouse/main.ts', {
    ND_DATA_DIR: data,
    ND_TLS_DIR: await authority.issue('clickhouse'),
    ND_CLICKHOUSE_USERS_FILE: file('users.json', users),
    ND_PORT: `${hotPort}`,
    ND_ADMIN_PORT: `${hotAdminPort}`,
  })
  await redis.start()
  const tls = new TlsFiles(await authority.issue('analytics'), silentLog)
  const url = new URL(`https://127.0.0.1:${hotPort}`)
  run('analytics', 'services/siem/analytics/main.ts', {
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_LISTEN: '127.0.0.1',
    ND_HTTPS_PORT: `${port}`,
    ND_ADMIN_PORT: `${adminPort}`,
    ND_TLS_DIR: join(authority.root, 'analytics'),
    ND_TENANTS_FILE: file('tenants.json', {
      tenants: tenants.map((tenant) => ({
        tenant,
        tokenSha256: createHash('sha256').update(token(tenant)).digest('hex'),
        homeRegion: 'local',
      })),
    }),
    ND_CLICKHOUSE_URL: url.href,
    ND_CLICKHOUSE_USER: 'analytics',
    ND_CLICKHOUSE_PASSWORD_FILE: file('password', password),
    // No broker: only questions over all tenants need one, and none is asked.
    ND_KAFKA_BROKERS: `127.0.0.1:${await freePort()}`,
    ND_REDIS_URL: redis.url,
    ND_REDIS_PASSWORD_FILE: file('redis-password', redis.password),
  })
  const client = (user: string): ClickHouseClient =>
    hotTierClient({ config: { url, user, password }, tls, application: 'bench', timeoutMs: 120_000, maxConnections: 8 })
  const [sink, reader] = [client('sink'), client('analytics')]
  const close = async (): Promise<void> => {
    await Promise.all([sink.close(), reader.close()])
    tls.close()
    for (const child of children.values())
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
    await redis.remove()
    rmSync(folder, { recursive: true, force: true })
  }
  for (const end = Date.now() + 60_000; !(await sink.ping()).success; await delay(100, undefined, { signal }))
    if (Date.now() > end) {
      await close()
      throw new Error(`The engine did not answer within 60 s: ${output}`)
    }
  return {
    url: `https://127.0.0.1:${port}`,
    ca: authority.ca,
    token,
    sink,
    reader,
    cpu: () => ({
      ...Object.fromEntries([...children].map(([name, child]) => [name, cpuOf(child.pid!)])),
      redis: cpuOf(redis.pid),
    }),
    close,
  }
}
