import { milliseconds } from '../../../policies/model/units.ts'
import { type ServiceName, services } from '../../../policies/services.ts'
import { type ListenConfig, listenConfig, type ProcessConfig, processConfig } from '../config/process.ts'
import { type EnvReader, readConfig } from '../config/reader.ts'
import { FileCounts } from '../files/watched-file.ts'
import { adminServer } from '../http/admin.ts'
import type { Routes } from '../http/server.ts'
import { Lifecycle } from '../lifecycle/lifecycle.ts'
import { createLog, type Log } from '../log/log.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import { TlsFiles } from '../tls/material.ts'
import { openTracing, tracingConfig } from '../tracing/open.ts'
import type { Tracer } from '../tracing/tracer.ts'

export interface Booted<Config> {
  readonly config: Config & ProcessConfig & ListenConfig
  readonly log: Log
  readonly metrics: Metrics
  readonly lifecycle: Lifecycle
  readonly tls: TlsFiles
  /** Where watched files are counted. */
  readonly fileCounts: FileCounts
  readonly tracer: Tracer
  /** Adds routes to the admin port. */
  readonly adminRoutes: (routes: Routes) => void
}

/** Routers learn of a pod's end at the same time as the pod; until they have, it goes on taking requests. */
const drainMs = 2_000
/** What is left of the grace for the process's own end. */
const reserveMs = 2_000

/**
 * Every service begins here: configuration, log, certificate, metrics, signals and the admin port, then `start`, which
 * registers its stops and calls nothing back. A failure is one log line and exit code 1.
 */
export async function boot<Config>(
  service: ServiceName,
  configure: (env: EnvReader) => Config,
  start: (booted: Booted<Config>) => Promise<void>,
): Promise<void> {
  const fields = { service }
  let log = createLog({ level: 'info', fields })
  try {
    const config = readConfig(process.env, (env) => ({
      ...configure(env),
      ...processConfig(env),
      ...listenConfig(env, service),
      ...tracingConfig(env),
    }))
    log = createLog({ level: config.logLevel, fields: { ...fields, region: config.region } })
    const metrics = createMetrics()
    const lifecycle = new Lifecycle({ log, drainMs, deadlineMs: milliseconds(services[service].grace) - reserveMs })
    lifecycle.handleSignals()
    const tls = new TlsFiles(config.tlsDir, log)
    lifecycle.onStop('certificate', () => tls.close())
    const tracer = openTracing({ service, config, metrics, tls, lifecycle, log })
    metrics.gauge('nd_certificate_expires_timestamp_seconds', "When the process's certificate ends, Unix time.", {
      read: () => tls.expires / 1_000,
    })
    const routes: Routes = {}
    const admin = adminServer({ host: config.host, port: config.adminPort, tls, log, lifecycle, metrics, routes })
    await admin.listen()
    lifecycle.onStop('admin server', () => admin.stop(1_000))
    const fileCounts = new FileCounts(metrics)
    const adminRoutes = (more: Routes) => void Object.assign(routes, more)
    await start({ config, log, metrics, lifecycle, tls, tracer, fileCounts, adminRoutes })
    lifecycle.started()
    log.info('Started.')
  } catch (error) {
    log.error('The service cannot start.', { error })
    process.exit(1)
  }
}
