import type { Policies } from '../../policies/bundle.ts'
import type { CloudEnvironment } from '../../policies/cloud.ts'
import type { CloudPolicy } from '../../policies/model/cloud.ts'
import type { EnvironmentPolicy } from '../../policies/model/environment.ts'
import type { RegionPolicy } from '../../policies/model/region.ts'

/** What every component on AWS is a function of. */
export interface AwsScope {
  readonly environment: CloudEnvironment
  /** A region of `policies.regions` that AWS has. */
  readonly region: string
  readonly policies: Policies
  readonly policy: EnvironmentPolicy
  readonly cloud: CloudPolicy
  readonly here: RegionPolicy & { readonly cloud: NonNullable<RegionPolicy['cloud']> }
}

/** Throws RangeError for an environment that is not in the cloud, or a region that it does not have. */
export function awsScope(environment: CloudEnvironment, region: string, policies: Policies): AwsScope {
  const policy = policies.environments[environment]
  const cloud = policies.cloud[environment]
  if (!policy || !cloud) throw new RangeError(`'${environment}' is no environment of the cloud.`)
  const here = policies.regions[region]
  if (!policy.regions.includes(region) || !here?.cloud)
    throw new RangeError(`'${environment}' has no region '${region}'; it has: ${policy.regions.join(', ')}.`)
  return { environment, region, policies, policy, cloud, here: { ...here, cloud: here.cloud } }
}

/** Name of a thing in AWS: unique in the account, never changed by where in the program it stands. */
export const named = ({ environment, region }: AwsScope, ...parts: readonly string[]): string =>
  ['nd', environment, region, ...parts].join('-')

/** Tags of every resource: whose it is, who pays, and which law holds. `component` is the component's folder name. */
export const tags = (scope: AwsScope, component: string, more: Readonly<Record<string, string>> = {}) => ({
  Project: 'neurodefender',
  Environment: scope.environment,
  Region: scope.region,
  Component: component,
  CostCentre: scope.cloud.costCentre,
  Jurisdiction: scope.here.jurisdiction,
  ManagedBy: 'pulumi',
  ...more,
})
