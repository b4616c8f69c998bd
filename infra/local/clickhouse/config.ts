import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environments } from '../../../policies/environments.ts'
import { largestInsert } from '../../../policies/model/storage.ts'
import { bytes, milliseconds, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { services } from '../../../policies/services.ts'
import { storage } from '../../../policies/storage.ts'
import type { ServerLimits, TlsMaterial } from './server.ts'
import { Users } from './users.ts'

export interface ServerConfig {
  readonly dataDirectory: string
  readonly port: number
  readonly adminPort: number
  readonly tls: TlsMaterial & { readonly ca: Buffer }
  readonly users: Users
  readonly limits: ServerLimits
  readonly concurrency: number
  readonly maxWaiting: number
  readonly graceMs: number
}

export class ConfigError extends Error {
  readonly code = 'BAD_CONFIG'
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * ND_DATA_DIR (/data), ND_TLS_DIR (/etc/neurodefender/tls), ND_CLICKHOUSE_USERS_FILE (/etc/neurodefender/clickhouse/users.json),
 * ND_PORT and ND_ADMIN_PORT (the policy's). Throws ConfigError or UsersError with what is missing.
 */
export function readConfig(env: Environment): ServerConfig {
  const { clickhouse } = services
  const tls = env.ND_TLS_DIR ?? '/etc/neurodefender/tls'
  const memory = bytes(environments.local.sizes.clickhouse.memory)
  return {
    dataDirectory: env.ND_DATA_DIR ?? '/data',
    port: Number(env.ND_PORT ?? clickhouse.ports.clickhouse),
    adminPort: Number(env.ND_ADMIN_PORT ?? clickhouse.ports.admin),
    tls: { cert: read(join(tls, 'tls.crt')), key: read(join(tls, 'tls.key')), ca: read(join(tls, 'ca.crt')) },
    users: new Users(read(env.ND_CLICKHOUSE_USERS_FILE ?? '/etc/neurodefender/clickhouse/users.json').toString('utf8')),
    limits: {
      maxBody: largestInsert(storage.block),
      maxSql: 2 ** 20,
      maxResult: memory / 16,
      maxSeconds: 2 * seconds(objectives.query.timeout),
      maxMemory: memory / 2,
    },
    // One thread of libuv's pool stays free for files and compression.
    concurrency: Math.max(1, Number(env.UV_THREADPOOL_SIZE ?? 4) - 1),
    maxWaiting: 64,
    graceMs: milliseconds(clickhouse.grace) / 2,
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new ConfigError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}). Mount it there.`, {
      cause,
    })
  }
}
