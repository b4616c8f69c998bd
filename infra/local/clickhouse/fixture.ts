import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority, issue } from '../pki/authority.ts'
import { Engine } from './engine.ts'
import { QueryServer, type ServerLimits } from './server.ts'
import { Users } from './users.ts'

/** A server on a temporary data directory, for tests: user `sink` writes, user `analytics` reads. */
export interface ServerFixture {
  readonly url: string
  readonly ca: string
  readonly password: string
  readonly engine: Engine
  readonly folder: string
  stop(): Promise<void>
}

const limits: ServerLimits = {
  maxBody: 64 << 20,
  maxSql: 1 << 20,
  maxResult: 64 << 20,
  maxSeconds: 20,
  maxMemory: 1 << 30,
}

export async function startServer(more: Partial<ServerLimits> = {}): Promise<ServerFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'nd-clickhouse-'))
  const authority = await createAuthority('test')
  const leaf = await issue(authority, {
    commonName: 'clickhouse',
    dns: ['localhost'],
    ip: ['127.0.0.1'],
    usage: ['server'],
  })
  const password = 'correct horse'
  const engine = new Engine({ dataDirectory: folder, concurrency: 3, maxWaiting: 4 })
  const server = new QueryServer({
    engine,
    users: new Users(JSON.stringify({ sink: { password, access: 'write' }, analytics: { password, access: 'read' } })),
    tls: { cert: leaf.certificate, key: leaf.key },
    dataDirectory: folder,
    limits: { ...limits, ...more },
  })
  const port = await server.listen(0, '127.0.0.1')
  return {
    url: `https://127.0.0.1:${port}`,
    ca: authority.certificate,
    password,
    engine,
    folder,
    stop: async () => {
      await server.stop(1_000)
      await engine.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
