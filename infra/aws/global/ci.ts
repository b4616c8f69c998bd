import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output, output } from '@pulumi/pulumi'
import { document, documentOf, type InputStatement } from '../iam/document.ts'
import { type AwsScope, tags } from '../scope.ts'
import { imageRights } from './rights/images.ts'
import { limits } from './rights/limits.ts'
import { previewRights } from './rights/preview.ts'
import { regionRights } from './rights/region.ts'
import { sharedRights } from './rights/shared.ts'

export interface CiArgs {
  /** Of every region of the environment, the primary first. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
  readonly accountId: Input<string>
  /** Of the repositories that images are pushed to. */
  readonly repositoryArns: readonly Input<string>[]
}

/** Where GitHub says who a workflow is. */
const issuer = 'token.actions.githubusercontent.com'
/** The key of `deployRoleArns` for the stacks that belong to no region. */
export const sharedRole = 'global'

/**
 * The roles that workflows of the repository take, without a key that lasts: GitHub says who a run is, and a role trusts exactly one
 * subject. A pull request has none of these, nor has a fork. The environments at GitHub (`prod-us-east-1`, `prod-global`) decide who lets
 * a run into one.
 */
export class Ci extends ComponentResource {
  readonly previewRoleArn: Output<string>
  readonly imagesRoleArn: Output<string>
  /** By region, and for the stacks that belong to none. */
  readonly deployRoleArns: Readonly<Record<string, Output<string>>>
  readonly #first: AwsScope
  readonly #provider: aws.iam.OpenIdConnectProvider

  constructor(name: string, args: CiArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Ci', name, {}, options)
    const { scopes, accountId, repositoryArns } = args
    const [first] = scopes
    const { environment, cloud } = first
    if (!/^[\w.-]+\/[\w.-]+$/.test(cloud.repository))
      throw new RangeError(`cloud.${environment}.repository (${cloud.repository}) must be OWNER/NAME.`)
    this.#first = first
    this.#provider = new aws.iam.OpenIdConnectProvider(
      `nd-${environment}-github`,
      { url: `https://${issuer}`, clientIdLists: ['sts.amazonaws.com'], tags: tags(first, 'global') },
      { parent: this },
    )
    const facts = { primary: first, accountId }
    const preview = this.#role('preview', 'ref:refs/heads/main', previewRights(facts))
    new aws.iam.RolePolicyAttachment(
      `nd-${environment}-ci-preview`,
      { role: preview.name, policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      { parent: this },
    )
    this.previewRoleArn = preview.arn
    this.imagesRoleArn = this.#role('images', 'ref:refs/heads/main', imageRights(repositoryArns)).arn
    // Named like CI's roles, which CI may not change.
    const limited = `nd-${environment}-ci-limits`
    const never = new aws.iam.Policy(
      limited,
      {
        name: limited,
        description: `What no workflow does in ${environment}`,
        policy: documentOf(...limits(facts)),
        tags: tags(first, 'global'),
      },
      { parent: this },
    )
    const deploy = (key: string, rights: readonly InputStatement[]) => {
      const role = this.#role(`deploy-${key}`, `environment:${environment}-${key}`, rights)
      new aws.iam.RolePolicyAttachment(
        `nd-${environment}-ci-deploy-${key}-limits`,
        { role: role.name, policyArn: never.arn },
        { parent: this },
      )
      return [key, role.arn] as const
    }
    this.deployRoleArns = Object.fromEntries([
      ...scopes.map((scope) => deploy(scope.region, regionRights(facts, scope))),
      deploy(sharedRole, sharedRights(facts)),
    ])
    this.registerOutputs({ deployRoleArns: this.deployRoleArns })
  }

  #role(what: string, subject: string, rights: readonly InputStatement[]): aws.iam.Role {
    const { environment, cloud } = this.#first
    const id = `nd-${environment}-ci-${what}`
    const role = new aws.iam.Role(
      id,
      {
        name: id,
        description: `Workflows of ${cloud.repository}: ${subject}`,
        maxSessionDuration: 3_600,
        assumeRolePolicy: output(this.#provider.arn).apply((provider) =>
          document({
            sid: 'Workflow',
            actions: ['sts:AssumeRoleWithWebIdentity'],
            principals: { Federated: [provider] },
            conditions: {
              StringEquals: {
                [`${issuer}:aud`]: 'sts.amazonaws.com',
                [`${issuer}:sub`]: `repo:${cloud.repository}:${subject}`,
              },
            },
          }),
        ),
        tags: tags(this.#first, 'global'),
      },
      { parent: this },
    )
    new aws.iam.RolePolicy(id, { role: role.name, name: what, policy: documentOf(...rights) }, { parent: this })
    return role
  }
}
