import type { Construct } from 'constructs'
import { bytes, milliseconds } from '../../../policies/model/units.ts'
import { kedaJobs } from '../autoscaler/metrics.ts'
import type { ChartScope } from '../context.ts'
import { meshJobs } from '../mesh/local/metrics.ts'
import { alarmRuleFile } from '../monitoring/alarms.ts'
import { podsBehind } from '../monitoring/discovery.ts'
import { levelRuleFile } from '../monitoring/level-rules.ts'
import { ruleFileAt } from '../monitoring/rules.ts'
import { headlessHost, mounted, port } from '../names.ts'
import { derive } from '../output-resolver.ts'
import { gpuMetrics } from '../workload/managed-network.ts'
import { Workload } from '../workload/workload.ts'
import { isDeployed, scraped } from './namespaces.ts'
import { RegionChart } from './region-chart.ts'
import { scalingRuleFile } from './scaling-rules.ts'

/** The one user of Prometheus' pages and API. */
export const prometheusUser = 'nd'

const tls = (serverName: string) => ({
  ca_file: mounted('tls', 'ca.crt'),
  cert_file: mounted('tls', 'tls.crt'),
  key_file: mounted('tls', 'tls.key'),
  server_name: serverName,
})

/**
 * How busy the GPUs of each service's pods are, as a metric of that service: only the machines can measure it. One job for each service
 * that scales by it.
 */
function gpuJobs(scope: ChartScope) {
  return Object.entries(scope.policies.services).flatMap(([service, { metrics, namespace }]) => {
    const series = metrics.gpu_utilization?.series
    if (!series) return []
    const keep = (label: string, regex: string) => ({ source_labels: [label], regex, action: 'keep' })
    return [
      {
        // Its `up` counts machines, so it must not be counted as the service's pods.
        job_name: `${service}-gpu`,
        scheme: 'http',
        ...podsBehind(scope, `${gpuMetrics.name}.${gpuMetrics.namespace}.svc.${scope.context.domain}`, gpuMetrics.port),
        metric_relabel_configs: [
          keep('__name__', 'DCGM_FI_DEV_GPU_UTIL'),
          keep('namespace', namespace),
          { target_label: '__name__', replacement: series },
          { target_label: 'job', replacement: service },
          // Whose pod it is that uses the GPU: a Deployment names its pods after itself, and the operator the Deployment after resource and subset.
          { source_labels: ['pod'], regex: '(.+)-(?:stable|canary)-[a-z0-9]+-[a-z0-9]+', target_label: 'inference' },
        ],
      },
    ]
  })
}

/** Whom Prometheus tells of alerts: nobody where there is no Alertmanager; what fires is in its own pages all the same. */
function alerting(scope: ChartScope): object {
  if (!isDeployed(scope, 'alertmanager')) return {}
  const pods = podsBehind(scope, headlessHost(scope, 'alertmanager'), port(scope, 'alertmanager', 'https'))
  return { alerting: { alertmanagers: [{ scheme: 'https', tls_config: tls('alertmanager'), ...pods }] } }
}

/** The rule files by name. */
export const ruleFiles = (scope: ChartScope): Readonly<Record<string, string>> => ({
  'scaling.rules.yaml': scalingRuleFile(scope),
  'levels.rules.yaml': levelRuleFile(scope),
  'alarms.rules.yaml': alarmRuleFile(scope),
})

/** What Prometheus scrapes: the pods of every service here that the graph lets it call, found by DNS. */
export function prometheusConfiguration(scope: ChartScope): string {
  const { scrapeInterval } = scope.policies.objectives.monitoring
  const jobs = scraped(scope).map(({ service, port: name }) => ({
    job_name: service,
    scheme: 'https',
    tls_config: tls(service),
    ...podsBehind(scope, headlessHost(scope, service), port(scope, service, name)),
  }))
  const all = [
    ...jobs,
    ...(scope.context.cluster.kind === 'managed' ? gpuJobs(scope) : []),
    ...meshJobs(scope, tls),
    ...kedaJobs(scope),
  ]
  const file = {
    global: {
      scrape_interval: scrapeInterval,
      // An answer must come before the next question.
      scrape_timeout: `${Math.floor(milliseconds(scrapeInterval) * 0.8)}ms`,
      evaluation_interval: scrapeInterval,
      external_labels: { region: scope.context.region, environment: scope.environment },
    },
    ...alerting(scope),
    rule_files: Object.keys(ruleFiles(scope)).map(ruleFileAt),
    scrape_configs: all,
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** Metrics of the region, and the rules that follow from the policies. A change of either replaces the pod. */
export class Prometheus extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'prometheus', scope)
    // Its pages want a password, which a probe would have to carry in the pod's specification.
    const question = { kind: 'tcp', port: port(scope, 'prometheus', 'https') } as const
    new Workload(this, scope, {
      service: 'prometheus',
      kind: 'stateful',
      config: {
        'prometheus.yaml': prometheusConfiguration(scope),
        ...ruleFiles(scope),
      },
      secrets: {
        web: {
          'web.yaml': derive([scope.context.secrets.prometheusBcrypt], (hash) =>
            JSON.stringify({
              tls_server_config: { cert_file: mounted('tls', 'tls.crt'), key_file: mounted('tls', 'tls.key') },
              basic_auth_users: { [prometheusUser]: hash },
            }),
          ),
        },
      },
      args: [
        `--config.file=${mounted('config', 'prometheus.yaml')}`,
        `--web.config.file=${mounted('web', 'web.yaml')}`,
        `--web.listen-address=:${port(scope, 'prometheus', 'https')}`,
        '--storage.tsdb.path=/data',
        `--storage.tsdb.retention.size=${retention(scope)}`,
      ],
      ...(scope.context.cluster.kind === 'managed'
        ? // Callers from outside the mesh, the autoscaler among them, come by TLS and password as they do anywhere.
          { annotations: { 'traffic.sidecar.istio.io/excludeInboundPorts': `${question.port}` } }
        : {}),
      probes: { alive: question, ready: question },
    })
  }
}

/** Room is left for what is not yet compacted. */
function retention(scope: ChartScope): string {
  const storage = scope.policy.sizes.prometheus?.storage
  if (!storage) throw new RangeError(`environments.${scope.environment}.sizes.prometheus has no storage.`)
  const mebibytes = Math.floor((bytes(storage) * 0.8) / 2 ** 20)
  return `${mebibytes}MB`
}
