import { k8s } from 'cdk8s-plus-27'
import { readyPath } from '../../../policies/model/service.ts'
import { type Duration, seconds } from '../../../policies/model/units.ts'

/** How the kubelet asks a container how it is. */
export type Question =
  /** GET over TLS; the kubelet does not verify the certificate. */
  | { readonly kind: 'https'; readonly port: number; readonly path: string }
  /** GET in the clear, for what can nothing else and says nothing secret. */
  | { readonly kind: 'http'; readonly port: number; readonly path: string }
  /** The port accepts connections. */
  | { readonly kind: 'tcp'; readonly port: number }
  /** The command ends with 0. */
  | { readonly kind: 'exec'; readonly command: readonly string[] }

export interface Probes {
  /** Restarts the container when the answer stays no. */
  readonly alive: Question
  /** Takes the pod out of its Services while the answer is no. */
  readonly ready: Question
}

/** What our own services answer on their admin port. */
export const adminProbes = (port: number): Probes => ({
  alive: { kind: 'https', port, path: '/healthz' },
  ready: { kind: 'https', port, path: readyPath },
})

function handler(question: Question): k8s.Probe {
  switch (question.kind) {
    case 'http':
    case 'https': {
      const { path, port, kind } = question
      return { httpGet: { path, port: k8s.IntOrString.fromNumber(port), scheme: kind.toUpperCase() } }
    }
    case 'tcp':
      return { tcpSocket: { port: k8s.IntOrString.fromNumber(question.port) } }
    case 'exec':
      return { exec: { command: [...question.command] } }
    default:
      return question satisfies never
  }
}

/**
 * A question that is asked as long as the container runs, every `often` seconds. A command only every `rarely`: each of its answers costs the node the start of a
 * process in the container, tens of milliseconds of a core.
 */
const asked = (question: Question, often: number, rarely: number): k8s.Probe => ({
  ...handler(question),
  periodSeconds: question.kind === 'exec' ? rarely : often,
  timeoutSeconds: 5,
  failureThreshold: 3,
})

/** The three probes of a container that may take `startup` until it is ready. */
export function kubeletProbes(
  probes: Probes,
  startup: Duration,
): Required<Pick<k8s.Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>> {
  return {
    // Whether it can do its work may hang on others; that it has come up does not.
    startupProbe: {
      ...handler(probes.alive),
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(seconds(startup)),
    },
    livenessProbe: asked(probes.alive, 10, 30),
    readinessProbe: asked(probes.ready, 2, 10),
  }
}
