import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { type AwsScope, tags } from '../scope.ts'

/** Roles of IAM that may talk to the API of Kubernetes. Nobody else can, also not who made the cluster. */
export interface AccessArgs {
  readonly scope: AwsScope
  readonly cluster: Input<string>
  /** People who repair. */
  readonly admin: Input<string>
  /** CI on its way to deploy: it makes namespaces, definitions and rights, so it may everything. */
  readonly deploy: Input<string>
  /** CI when it compares: reads everything, also Secrets, and changes nothing. Default: nobody. */
  readonly preview?: Input<string>
  /** CI when it joins regions: it reads and writes what namespaces hold, in these alone. Default: nobody. */
  readonly links?: { readonly role: Input<string>; readonly namespaces: readonly string[] } | undefined
  /** Machines that Karpenter starts. EKS itself lets in those of a managed group. */
  readonly nodes: Input<string>
}

const policies = {
  admin: 'AmazonEKSClusterAdminPolicy',
  deploy: 'AmazonEKSClusterAdminPolicy',
  preview: 'AmazonEKSAdminViewPolicy',
  links: 'AmazonEKSEditPolicy',
} as const

/** The access entries of a cluster, one for each role that has to do with it. */
export class Access extends ComponentResource {
  constructor(name: string, args: AccessArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Access', name, {}, options)
    const { scope, cluster } = args
    const entry = (who: string, principalArn: Input<string>, type: 'STANDARD' | 'EC2_LINUX') =>
      new aws.eks.AccessEntry(
        `${name}-${who}`,
        { clusterName: cluster, principalArn, type, tags: tags(scope, 'cluster') },
        { parent: this },
      )
    const all = {
      admin: args.admin,
      deploy: args.deploy,
      preview: args.preview,
      links: args.links?.role,
    }
    for (const who of ['admin', 'deploy', 'preview', 'links'] as const) {
      const principalArn = all[who]
      if (principalArn === undefined) continue
      const made = entry(who, principalArn, 'STANDARD')
      new aws.eks.AccessPolicyAssociation(
        `${name}-${who}`,
        {
          clusterName: cluster,
          principalArn,
          policyArn: `arn:aws:eks::aws:cluster-access-policy/${policies[who]}`,
          accessScope:
            who === 'links' && args.links
              ? { type: 'namespace', namespaces: [...args.links.namespaces] }
              : { type: 'cluster' },
        },
        { parent: this, dependsOn: [made] },
      )
    }
    entry('nodes', args.nodes, 'EC2_LINUX')
    this.registerOutputs()
  }
}
