import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { hotTierClient } from '../../../common/hot-tier/client.ts'
import { silentLog } from '../../../common/log/log.ts'
import { freePort, until } from '../../../common/testing/processes.ts'
import { testTls } from '../../../common/testing/server.ts'
import { TlsFiles } from '../../../common/tls/material.ts'

/** The local region's ClickHouse in a process of its own, on a directory that goes with it. */
export interface LocalEngine {
  readonly client: ClickHouseClient
  /** CPU seconds that its process has used. */
  cpu(): number
  stop(): Promise<void>
}

const ticksPerSecond = 100 // USER_HZ, fixed at 100 by Linux's ABI on every architecture Node runs on.

function cpuOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Starts it and waits until it answers. `entry`: the program of the local region's ClickHouse, which is not a service's to import. */
export async function startEngine(entry: URL): Promise<LocalEngine> {
  const { authority, tls } = await testTls('hot-sink')
  const data = mkdtempSync(join(tmpdir(), 'nd-hot-tier-'))
  const password = randomUUID()
  const port = await freePort()
  const usersFile = join(data, 'users.json')
  writeFileSync(usersFile, JSON.stringify({ sink: { password, access: 'write' } }))
  const server = spawn(process.execPath, [entry.pathname], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      ND_DATA_DIR: data,
      ND_TLS_DIR: await authority.issue('clickhouse'),
      ND_CLICKHOUSE_USERS_FILE: usersFile,
      ND_PORT: String(port),
      ND_ADMIN_PORT: String(await freePort()),
    },
  })
  const files = new TlsFiles(join(authority.root, 'hot-sink'), silentLog)
  const client = hotTierClient({
    config: { url: new URL(`https://127.0.0.1:${port}`), user: 'sink', password },
    tls: files,
    application: 'hot-sink',
    timeoutMs: 60_000,
    maxConnections: 4,
  })
  const running = () => server.exitCode === null && server.signalCode === null
  const stop = async () => {
    await client.close()
    server.kill('SIGKILL')
    if (running()) await once(server, 'exit')
    files.close()
    tls.close()
    rmSync(data, { recursive: true, force: true })
  }
  try {
    await until('the engine answers', async () => !running() || (await client.ping()).success)
    if (!running()) throw new Error(`The engine ended (${server.exitCode ?? server.signalCode}).`)
  } catch (error) {
    await stop()
    throw error
  }
  return { client, cpu: () => cpuOf(server), stop }
}
