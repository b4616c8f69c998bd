import type { Input } from '@pulumi/pulumi'
import { internalDomain } from '../charts/hot-tier/copies.ts'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface ExternalDnsValues extends Placed {
  readonly provider: { readonly name: 'aws' }
  readonly sources: readonly 'service'[]
  readonly domainFilters: readonly string[]
  /** `sync`: a record whose pod is gone goes too; others' records are never touched. */
  readonly policy: 'sync'
  readonly registry: 'txt'
  readonly txtOwnerId: Input<string>
  readonly interval: string
  readonly triggerLoopOnEvent: true
  readonly extraArgs: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly serviceAccount: { readonly create: true; readonly name: string }
  readonly resources: Asked
}

/** Who writes the names of replicas and Keepers that other regions ask for, into the environment's private zone. */
export const externalDns = (scope: ChartScope, { name }: ManagedCluster): Release<ExternalDnsValues> =>
  release(scope, 'external-dns', {
    namespace: 'external-dns',
    stage: 'controllers',
    values: {
      provider: { name: 'aws' },
      sources: ['service'],
      domainFilters: [internalDomain(scope, scope.context.region)],
      policy: 'sync',
      registry: 'txt',
      txtOwnerId: name,
      interval: '1m',
      triggerLoopOnEvent: true,
      extraArgs: ['--aws-zone-type=private'],
      env: [{ name: 'AWS_REGION', value: scope.context.region }],
      serviceAccount: { create: true, name: 'external-dns' },
      resources: asks('50m', '128Mi'),
      ...onSystem,
    },
  })
