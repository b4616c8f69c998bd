import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { boundaryName } from '../iam/boundary.ts'
import { documentOf } from '../iam/document.ts'
import { type AwsScope, tags } from '../scope.ts'
import { boundaryRights } from './rights/boundary.ts'

export interface BoundaryArgs {
  /** Of every region of the environment, the primary first. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
  readonly accountId: Input<string>
}

/** What every role of the environment can do at most. Roles name it by its ARN, so it stands before the first of them. */
export class Boundary extends ComponentResource {
  readonly policy: aws.iam.Policy

  constructor(name: string, { scopes: [first], accountId }: BoundaryArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Boundary', name, {}, options)
    const policyName = boundaryName(first.environment)
    this.policy = new aws.iam.Policy(
      policyName,
      {
        name: policyName,
        description: `What roles of ${first.environment} can do at most`,
        policy: documentOf(...boundaryRights({ primary: first, accountId })),
        tags: tags(first, 'global'),
      },
      { parent: this },
    )
    this.registerOutputs({ arn: this.policy.arn })
  }
}
