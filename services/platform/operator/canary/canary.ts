import type { Metrics } from '../../../common/metrics/metrics.ts'
import { Prometheus, type PrometheusOptions } from '../../../common/prometheus/prometheus.ts'
import type { CanaryPart, CanaryPorts } from '../operator.ts'
import { CanaryController, type ControllerOptions } from './controller.ts'
import { desired } from './desired.ts'
import { GatewayEvidence } from './evidence/gateway.ts'
import { KubernetesCluster } from './kubernetes.ts'
import { canaryMetrics, walksOf } from './metrics.ts'

export interface CanaryOptions {
  readonly policy: ControllerOptions['policy']
  /** Where the gateway's figures are. */
  readonly prometheus: Pick<PrometheusOptions, 'config' | 'tls'>
  /** Between two scrapes, milliseconds. */
  readonly scrapeMs: number
  readonly metrics: Metrics
}

/** Scrapes that may be lost before the figures are too old. */
const scrapesLost = 3

/** The canary controller as a part of the operator. */
export function canary(options: CanaryOptions): (ports: CanaryPorts) => CanaryPart {
  const { policy, prometheus, scrapeMs, metrics } = options
  // Of the present term.
  let inferences: CanaryPorts['inferences'] = () => []
  const decided = canaryMetrics(metrics, () => walksOf(inferences()))
  return (ports) => {
    inferences = ports.inferences
    const source = new Prometheus({ ...prometheus, timeoutMs: scrapeMs })
    const controller = new CanaryController({
      cluster: new KubernetesCluster(ports),
      evidence: new GatewayEvidence({ source, maxAgeMs: scrapesLost * scrapeMs }),
      policy,
      domain: ports.region.domain,
      lookMs: scrapeMs,
      // Spans that are judged are moments of the wall clock, as Prometheus keeps them.
      now: () => ports.clock.date().getTime(),
      decided,
    })
    return { planOf: desired, after: (inference, signal) => controller.reconcile(inference, signal) }
  }
}
