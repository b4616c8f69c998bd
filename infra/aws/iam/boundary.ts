import aws from '@pulumi/aws'
import { type Input, interpolate, type Output, type Resource } from '@pulumi/pulumi'
import type { AwsScope } from '../scope.ts'

/** Named like CI's roles, which CI may not change. */
export const boundaryName = (environment: string): string => `nd-${environment}-ci-boundary`

/** Of the policy that says what a role of the environment can do at most, whatever its own policies say. */
export const boundaryArn = (environment: string, accountId: Input<string>): Output<string> =>
  interpolate`arn:aws:iam::${accountId}:policy/${boundaryName(environment)}`

/** The boundary of a role that `parent` makes. Without it, CI is refused to make the role. */
export const boundaryOf = ({ environment }: AwsScope, parent: Resource): Output<string> =>
  boundaryArn(environment, aws.getCallerIdentityOutput({}, { parent }).accountId)
