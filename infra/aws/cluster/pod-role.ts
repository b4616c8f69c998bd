import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from '@pulumi/pulumi'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf, type InputStatement } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'

export interface PodRoleArgs {
  readonly scope: AwsScope
  /** The cluster's name in AWS. */
  readonly cluster: Input<string>
  readonly namespace: string
  readonly serviceAccount: string
  /** What the pods may do. */
  readonly statements?: readonly InputStatement[]
  /** Policies of AWS by their path below `policy/`: 'AmazonEKS_CNI_Policy'. Default: none. */
  readonly managed?: readonly string[]
  /** Folder name of the component that it is for. Default: 'cluster'. */
  readonly component?: string
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

function problems(args: PodRoleArgs, roleName: string): string[] {
  const { namespace, serviceAccount, statements = [], managed = [] } = args
  return [
    ...Object.entries({ namespace, serviceAccount })
      .filter(([, value]) => !label.test(value))
      .map(([key, value]) => `${key} '${value}' is not a name of Kubernetes.`),
    ...(roleName.length > 64
      ? [
          `'${roleName}' is ${roleName.length} characters long, and a role of IAM has at most 64: shorten serviceAccount.`,
        ]
      : []),
    ...(statements.length + managed.length === 0 ? ['it allows nothing: give statements or managed policies.'] : []),
  ]
}

/**
 * What the pods of one service account may do in AWS (EKS Pod Identity). Only they, in this cluster, can take the role: Pod
 * Identity tells STS whose session it is, and the role checks it. Throws RangeError.
 */
export class PodRole extends ComponentResource {
  readonly arn: Output<string>
  readonly roleName: Output<string>

  constructor(name: string, args: PodRoleArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:PodRole', name, {}, options)
    const { scope, cluster, namespace, serviceAccount, statements = [], managed = [], component = 'cluster' } = args
    const roleName = named(scope, namespace, serviceAccount)
    const wrong = problems(args, roleName)
    if (wrong.length > 0) throw new RangeError(`PodRole ${name}: ${wrong.join(' ')}`)

    const inside = { parent: this }
    const { accountId } = aws.getCallerIdentityOutput({}, inside)
    const role = new aws.iam.Role(
      name,
      {
        name: roleName,
        description: `Pods of ${namespace}/${serviceAccount}`,
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: documentOf({
          sid: 'PodsOfOneServiceAccount',
          actions: ['sts:AssumeRole', 'sts:TagSession'],
          principals: { Service: ['pods.eks.amazonaws.com'] },
          conditions: {
            StringEquals: {
              'aws:RequestTag/eks-cluster-arn': interpolate`arn:aws:eks:${scope.region}:${accountId}:cluster/${cluster}`,
              'aws:RequestTag/kubernetes-namespace': namespace,
              'aws:RequestTag/kubernetes-service-account': serviceAccount,
            },
          },
        }),
        tags: tags(scope, component, { Name: roleName }),
      },
      inside,
    )
    const policies = [
      ...(statements.length > 0
        ? [new aws.iam.RolePolicy(name, { role: role.name, policy: documentOf(...statements) }, inside)]
        : []),
      ...managed.map(
        (policy) =>
          new aws.iam.RolePolicyAttachment(
            `${name}-${policy.split('/').at(-1)}`,
            { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
            inside,
          ),
      ),
    ]
    // The association comes last: a pod that gets the role may do at once what it is for.
    const association = new aws.eks.PodIdentityAssociation(
      name,
      {
        clusterName: cluster,
        namespace,
        serviceAccount,
        roleArn: role.arn,
        tags: tags(scope, component, { Name: roleName }),
      },
      { parent: this, dependsOn: policies },
    )
    this.roleName = role.name
    this.arn = association.roleArn
    this.registerOutputs({ arn: this.arn, roleName: this.roleName })
  }
}
