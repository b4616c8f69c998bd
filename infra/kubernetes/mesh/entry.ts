import type { Input } from '@pulumi/pulumi'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { entries, managed } from './graph.ts'
import { cloudOf } from './identity.ts'

/** What stands before the gateway for callers from outside. */
export interface Entry {
  /** ARN of the certificate (ACM) for the public names. */
  readonly certificate: Input<string>
  /** ARN of the rules (WAF, regional) that a request passes first. */
  readonly webAcl: Input<string>
}

/** The region's way in, if its stack has made one. Default: none, and nobody outside reaches the region. */
export const entryOf = (scope: ChartScope): Entry | undefined =>
  (managed(scope) as ManagedCluster & { readonly entry?: Entry }).entry

/** The names under which a service answers callers from outside: wherever DNS sends them, and in this region. */
export const publicHosts = (scope: ChartScope, service: string): readonly string[] => {
  if (!entries(scope).includes(service)) return []
  const { domain } = cloudOf(scope)
  return [`${service}.${domain}`, `${service}.${scope.context.region}.${domain}`]
}
