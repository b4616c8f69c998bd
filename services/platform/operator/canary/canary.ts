import type { CanaryPart, CanaryPorts } from '../operator.ts'
import { CanaryController, type ControllerOptions } from './controller.ts'
import { desired } from './desired.ts'
import { GatewayEvidence } from './evidence/gateway.ts'
import { Prometheus, type PrometheusOptions } from './evidence/prometheus.ts'
import { KubernetesCluster } from './kubernetes.ts'

export interface CanaryOptions {
  readonly policy: ControllerOptions['policy']
  /** Where the gateway's figures are. */
  readonly prometheus: Pick<PrometheusOptions, 'config' | 'tls'>
  /** Between two scrapes, milliseconds. */
  readonly scrapeMs: number
}

/** Scrapes that may be lost before the figures are too old. */
const scrapesLost = 3

/** The canary controller as a part of the operator. */
export function canary({ policy, prometheus, scrapeMs }: CanaryOptions): (ports: CanaryPorts) => CanaryPart {
  return (ports) => {
    const source = new Prometheus({ ...prometheus, timeoutMs: scrapeMs })
    const controller = new CanaryController({
      cluster: new KubernetesCluster(ports),
      evidence: new GatewayEvidence({ source, maxAgeMs: scrapesLost * scrapeMs }),
      policy,
      domain: ports.region.domain,
      lookMs: scrapeMs,
      // Spans that are judged are moments of the wall clock, as Prometheus keeps them.
      now: () => ports.clock.date().getTime(),
    })
    return { planOf: desired, after: (inference, signal) => controller.reconcile(inference, signal) }
  }
}
