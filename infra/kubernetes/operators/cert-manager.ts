import type { ChartScope } from '../context.ts'
import { issuer } from '../workload/certificate.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

interface Part extends Placed {
  readonly replicaCount: number
  readonly resources: Asked
  readonly podDisruptionBudget: { readonly enabled: true; readonly maxUnavailable: 1 }
}

export interface CertManagerValues extends Part {
  /** Definitions come with the chart, and outlive it: with them would go every certificate. */
  readonly crds: { readonly enabled: true; readonly keep: true }
  /** Signers whose requests are approved without a person. */
  readonly approveSignerNames: readonly string[]
  readonly webhook: Part
  readonly cainjector: Part
  readonly startupapicheck: Placed
}

const part = (replicaCount: number, memory: '128Mi' | '256Mi' | '512Mi'): Part => ({
  replicaCount,
  resources: asks('50m', memory),
  podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
  ...onSystem,
})

/** Who asks for certificates and writes them where pods read them. */
export const certManager = (scope: ChartScope): Release<CertManagerValues> =>
  release(scope, 'cert-manager', {
    namespace: 'cert-manager',
    stage: 'foundations',
    values: {
      ...part(2, '256Mi'),
      crds: { enabled: true, keep: true },
      approveSignerNames: [`${issuer.kind.toLowerCase()}s.${issuer.group}/${issuer.name}`],
      webhook: part(3, '128Mi'),
      cainjector: part(2, '512Mi'),
      startupapicheck: onSystem,
    },
  })
