import { type AwsScope, awsScope } from '../infra/aws/scope.ts'
import type { Policies } from '../policies/bundle.ts'
import type { CloudEnvironment } from '../policies/cloud.ts'
import { waves } from './names.ts'

/** The regions of an environment, the primary first. */
export function scopesOf(environment: CloudEnvironment, policies: Policies): readonly [AwsScope, ...AwsScope[]] {
  const [first, ...others] = waves(policies, environment)
    .map((region) => awsScope(environment, region, policies))
    .reverse()
  if (first?.here.role !== 'primary')
    throw new RangeError(`environments.${environment}.regions must hold a primary region.`)
  return [first, ...others]
}
