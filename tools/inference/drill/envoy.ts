import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { retries } from '../../../policies/calls.ts'
import { latencyBounds } from '../../../policies/latencies.ts'
import { traffic } from '../../../policies/traffic.ts'
import { freePort, until } from '../../../services/common/testing/processes.ts'

export type Subset = 'stable' | 'canary'

/** Name of a subset's cluster, as Istio gives it. */
const clusterOf = (subset: Subset, host: string): string => `outbound|8443|${subset}|${host}`

const type = (name: string): string => `type.googleapis.com/envoy.${name}`

/** One Envoy with the two clusters, their outlier detection and retries as the mesh has them, told of weights and pods by files. */
export class Envoy {
  readonly port: number
  readonly #admin: number
  readonly #dir: string
  readonly #host: string
  readonly #child: ChildProcess
  #version = 0

  private constructor(of: { port: number; admin: number; dir: string; host: string; child: ChildProcess }) {
    this.port = of.port
    this.#admin = of.admin
    this.#dir = of.dir
    this.#host = of.host
    this.#child = of.child
  }

  /** Resolves when it is ready; nobody has callers or pods then. */
  static async start(bin: string, dir: string, host: string): Promise<Envoy> {
    const [port, admin] = [await freePort(), await freePort()]
    mkdirSync(dir, { recursive: true })
    const file = join(dir, 'envoy.json')
    writeFileSync(file, JSON.stringify(bootstrap({ dir, port, admin, host })))
    const first = { port, admin, dir, host, child: undefined as unknown as ChildProcess }
    new Envoy(first).route(0)
    for (const subset of ['stable', 'canary'] as const) new Envoy(first).endpoints(subset, [])
    const child = spawn(bin, ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '-l', 'error'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2_000)
    })
    const envoy = new Envoy({ ...first, child })
    await until('Envoy to be ready', async () => {
      if (child.exitCode !== null) throw new Error(`Envoy ended with ${child.exitCode}: ${said}`)
      return (await envoy.#ask('/ready').catch(() => undefined)) !== undefined
    })
    return envoy
  }

  /** Per cent of the callers that the canary gets. */
  route(canary: number): void {
    const { timeout, retries: tries } = traffic.calls['ml-inference']
    const again = retries(tries, { pure: true })
    const weights = { stable: 100 - canary, canary }
    this.#write('routes', {
      '@type': type('config.route.v3.RouteConfiguration'),
      name: 'routes',
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            {
              match: { prefix: '/' },
              route: {
                // What the machine is short of is no failure of a subset.
                timeout: `${10 * Number.parseInt(timeout, 10)}s`,
                retry_policy: {
                  retry_on: 'retryOn' in again ? again.retryOn.replace('503', 'retriable-status-codes') : '',
                  // Where Istio takes a status in the list, Envoy has one of its own.
                  retriable_status_codes: [503],
                  num_retries: again.attempts,
                },
                weighted_clusters: {
                  clusters: (['stable', 'canary'] as const).map((subset) => ({
                    name: clusterOf(subset, this.#host),
                    weight: weights[subset],
                  })),
                },
              },
            },
          ],
        },
      ],
    })
  }

  endpoints(subset: Subset, ports: readonly number[]): void {
    this.#write(subset, {
      '@type': type('config.endpoint.v3.ClusterLoadAssignment'),
      cluster_name: clusterOf(subset, this.#host),
      endpoints: [
        {
          lb_endpoints: ports.map((port) => ({
            endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } },
          })),
        },
      ],
    })
  }

  /** Its counters, in Prometheus' text form. */
  metrics(): Promise<string> {
    return this.#ask('/stats/prometheus')
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }

  async #ask(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#admin}${path}`)
    if (!answer.ok) throw new Error(`Envoy answered ${answer.status}.`)
    return answer.text()
  }

  /** Swapped in as a whole: Envoy watches for moves. */
  #write(name: string, resource: object): void {
    const path = join(this.#dir, `${name}.json`)
    writeFileSync(`${path}.new`, JSON.stringify({ version_info: `${++this.#version}`, resources: [resource] }))
    renameSync(`${path}.new`, path)
  }
}

function bootstrap({ dir, port, admin, host }: { dir: string; port: number; admin: number; host: string }) {
  const { outlier, connections } = traffic.calls['ml-inference']
  const address = (port_value: number) => ({ socket_address: { address: '127.0.0.1', port_value } })
  const source = (name: string) => ({
    path_config_source: { path: join(dir, `${name}.json`), watched_directory: { path: dir } },
    resource_api_version: 'V3',
  })
  return {
    node: { id: 'drill', cluster: 'drill' },
    admin: { address: address(admin) },
    // Histograms are summed up then.
    stats_flush_interval: '1s',
    stats_config: {
      use_all_default_tags: false,
      stats_tags: [
        { tag_name: 'envoy.cluster_name', regex: '^cluster(\\.(.+);)' },
        { tag_name: 'envoy.response_code_class' },
      ],
      histogram_bucket_settings: [{ match: { suffix: 'upstream_rq_time' }, buckets: latencyBounds({ traffic }) }],
    },
    static_resources: {
      listeners: [
        {
          name: 'entry',
          address: address(port),
          filter_chains: [
            {
              filters: [
                {
                  name: 'http',
                  typed_config: {
                    '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
                    stat_prefix: 'entry',
                    rds: { route_config_name: 'routes', config_source: source('routes') },
                    http_filters: [
                      { name: 'router', typed_config: { '@type': type('extensions.filters.http.router.v3.Router') } },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: (['stable', 'canary'] as const).map((subset) => ({
        name: clusterOf(subset, host),
        alt_stat_name: `${clusterOf(subset, host)};`,
        type: 'EDS',
        connect_timeout: '1s',
        eds_cluster_config: { eds_config: source(subset) },
        lb_policy: 'LEAST_REQUEST',
        circuit_breakers: {
          thresholds: [
            {
              max_connections: connections.most,
              max_pending_requests: connections.pending,
              max_requests: connections.most,
              max_retries: connections.most,
            },
          ],
        },
        // As the region's gateway has it: an ejection is heard at once.
        common_lb_config: { healthy_panic_threshold: { value: 0 }, update_merge_window: '0s' },
        outlier_detection: {
          consecutive_5xx: outlier.errors,
          interval: outlier.interval,
          base_ejection_time: outlier.ejection,
          max_ejection_percent: Math.round(outlier.mostEjected * 100),
        },
      })),
    },
  }
}
