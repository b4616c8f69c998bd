import { type EnvironmentName, environments } from '../../../policies/environments.ts'
import type { ServicePolicy } from '../../../policies/model/service.ts'
import { type RegionName, regions } from '../../../policies/regions.ts'
import { type ServiceName, services } from '../../../policies/services.ts'
import { type LogLevel, logLevels } from '../log/log.ts'
import type { EnvReader } from './reader.ts'

/** What every process of ours is told. */
export interface ProcessConfig {
  readonly region: RegionName
  readonly environment: EnvironmentName
  readonly logLevel: LogLevel
  /** Folder of tls.crt, tls.key and ca.crt. */
  readonly tlsDir: string
}

export function processConfig(env: EnvReader): ProcessConfig {
  return {
    region: env.oneOf('ND_REGION', Object.keys(regions) as RegionName[]),
    environment: env.oneOf('ND_ENVIRONMENT', Object.keys(environments) as EnvironmentName[]),
    logLevel: env.oneOf('ND_LOG_LEVEL', logLevels, 'info'),
    tlsDir: env.text('ND_TLS_DIR', '/etc/neurodefender/tls'),
  }
}

/** How the port for callers from outside is served: with TLS of our own, or in the clear to the pod's proxy, on the loopback address. */
export type EntryConfig =
  | { readonly kind: 'tls'; readonly host: string; readonly port: number }
  | { readonly kind: 'proxied'; readonly port: number }

/** Where a process listens: all addresses of the pod, and the ports of the service graph. */
export interface ListenConfig {
  readonly host: string
  readonly adminPort: number
  readonly entry: EntryConfig
}

/** ND_ENTRY says who has TLS at the entry. ND_LISTEN, ND_HTTPS_PORT and ND_ADMIN_PORT exist for tests and for trying a service by hand. */
export function listenConfig(env: EnvReader, service: ServiceName): ListenConfig {
  const ports: ServicePolicy['ports'] = services[service].ports
  const host = env.text('ND_LISTEN', '0.0.0.0')
  const port = env.port('ND_HTTPS_PORT', ports.https ?? 0)
  const kind = env.oneOf('ND_ENTRY', ['tls', 'proxied'], 'tls')
  return {
    host,
    adminPort: env.port('ND_ADMIN_PORT', ports.admin ?? 0),
    entry: kind === 'proxied' ? { kind, port } : { kind, host, port },
  }
}
