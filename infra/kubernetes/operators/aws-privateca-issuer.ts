import type { ChartScope } from '../context.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface AwsPrivateCaIssuerValues extends Placed {
  readonly replicaCount: number
  readonly serviceAccount: { readonly create: true; readonly name: string }
  readonly resources: Asked
  readonly podDisruptionBudget: { readonly maxUnavailable: 1 }
}

/** Who takes cert-manager's requests to the environment's authority, by a role of its own. */
export const awsPrivateCaIssuer = (scope: ChartScope): Release<AwsPrivateCaIssuerValues> =>
  release(scope, 'aws-privateca-issuer', {
    namespace: 'cert-manager',
    stage: 'controllers',
    values: {
      replicaCount: 2,
      serviceAccount: { create: true, name: 'aws-privateca-issuer' },
      resources: asks('50m', '128Mi'),
      podDisruptionBudget: { maxUnavailable: 1 },
      ...onSystem,
    },
  })
