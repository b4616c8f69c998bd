import aws from '@pulumi/aws'
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  type Resource,
} from '@pulumi/pulumi'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf, trustOfService } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'

export interface RegistryArgs {
  /** Of every region of the environment, the primary first: CI pushes there. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
  readonly accountId: Input<string>
  /** By region. */
  readonly keyArns: Readonly<Record<string, Input<string>>>
  /** What must stand before its role is made: the boundary that the role names. Default: nothing. */
  readonly after?: readonly Resource[]
}

/** 'nd-prod/event-collector' */
const repositoryName = (environment: string, image: string): string => `nd-${environment}/${image}`

const untaggedDays = 14

/** A tagged image may run somewhere; one without a tag was never released. */
const lifecycle = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: 'What never got a name',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: untaggedDays },
      action: { type: 'expire' },
    },
  ],
})

/**
 * A repository for each image, in the primary region, and its copy in every other, made by ECR after the same template: tags that never
 * change, scanned when pushed, encrypted with the region's data key. There is one such setting in an account and region: an
 * environment has an account of its own.
 */
export class Registry extends ComponentResource {
  /** By image: where it is pushed. */
  readonly urls: Readonly<Record<string, Output<string>>>
  readonly arns: readonly Output<string>[]

  constructor(
    name: string,
    { scopes, accountId, keyArns, after = [] }: RegistryArgs,
    options?: ComponentResourceOptions,
  ) {
    super('neurodefender:aws:Registry', name, {}, options)
    const [first, ...others] = scopes
    for (const { region } of scopes)
      if (!keyArns[region])
        throw new RangeError(`keyArns has no key for ${region}; images there would lie in the clear.`)
    const own = { parent: this }
    const prefix = repositoryName(first.environment, '')
    const repositories = Object.keys(first.policies.images).map((image) => {
      const repository = new aws.ecr.Repository(
        `nd-${first.environment}-${image}`,
        {
          name: repositoryName(first.environment, image),
          imageTagMutability: 'IMMUTABLE',
          imageScanningConfiguration: { scanOnPush: true },
          encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: keyArns[first.region]! }],
          region: first.region,
          tags: tags(first, 'global'),
        },
        { parent: this, protect: true, retainOnDelete: true },
      )
      new aws.ecr.LifecyclePolicy(
        `nd-${first.environment}-${image}`,
        { repository: repository.name, policy: lifecycle, region: first.region },
        own,
      )
      return { image, repository }
    })
    const role = new aws.iam.Role(
      named(first, 'registry'),
      {
        name: named(first, 'registry'),
        description: 'Makes the copies of the image repositories',
        permissionsBoundary: boundaryOf(first, this),
        assumeRolePolicy: trustOfService('ecr.amazonaws.com'),
        tags: tags(first, 'global'),
      },
      { ...own, dependsOn: [...after] },
    )
    new aws.iam.RolePolicy(
      named(first, 'registry'),
      {
        role: role.name,
        name: 'copies',
        policy: documentOf(
          {
            sid: 'Repositories',
            actions: ['ecr:CreateRepository', 'ecr:ReplicateImage', 'ecr:TagResource'],
            resources: others.map(
              ({ region }) => interpolate`arn:aws:ecr:${region}:${accountId}:repository/${prefix}*`,
            ),
          },
          {
            sid: 'Keys',
            actions: ['kms:CreateGrant', 'kms:RetireGrant', 'kms:DescribeKey'],
            resources: others.map(({ region }) => keyArns[region]!),
          },
        ),
      },
      own,
    )
    const templates = others.map(
      (scope) =>
        new aws.ecr.RepositoryCreationTemplate(
          named(scope, 'registry'),
          {
            prefix: prefix.slice(0, -1),
            appliedFors: ['REPLICATION'],
            description: 'Copies of the images',
            customRoleArn: role.arn,
            imageTagMutability: 'IMMUTABLE',
            encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: keyArns[scope.region]! }],
            lifecyclePolicy: lifecycle,
            resourceTags: tags(scope, 'global'),
            region: scope.region,
          },
          own,
        ),
    )
    for (const scope of others)
      new aws.ecr.RegistryScanningConfiguration(
        named(scope, 'registry'),
        {
          scanType: 'BASIC',
          rules: [
            { scanFrequency: 'SCAN_ON_PUSH', repositoryFilters: [{ filter: `${prefix}*`, filterType: 'WILDCARD' }] },
          ],
          region: scope.region,
        },
        own,
      )
    if (others.length > 0)
      new aws.ecr.ReplicationConfiguration(
        named(first, 'registry'),
        {
          replicationConfiguration: {
            rules: [
              {
                destinations: others.map(({ region }) => ({ region, registryId: accountId })),
                repositoryFilters: [{ filter: prefix, filterType: 'PREFIX_MATCH' }],
              },
            ],
          },
          region: first.region,
        },
        // A copy that comes before its template has none of it.
        { parent: this, dependsOn: templates },
      )
    this.urls = Object.fromEntries(repositories.map(({ image, repository }) => [image, repository.repositoryUrl]))
    this.arns = repositories.map(({ repository }) => repository.arn)
    this.registerOutputs({ urls: this.urls })
  }
}
