import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf, trustOfService } from '../iam/document.ts'
import { accountOwnsKey } from '../iam/key.ts'
import { logGroup } from '../logs/log-group.ts'
import { serviceRange } from '../network/addresses.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { INetwork } from '../types.ts'
import { clusterName, discoveryTag } from './names.ts'

export interface ControlPlaneArgs {
  readonly scope: AwsScope
  readonly network: INetwork
  readonly logKeyArn: Input<string>
}

/** All that EKS can write. */
const logTypes = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']

/** The API of Kubernetes: private, logged, its Secrets encrypted under a key of its own. */
export class ControlPlane extends ComponentResource {
  readonly cluster: aws.eks.Cluster
  readonly securityGroupId: Output<string>

  constructor(name: string, { scope, network, logKeyArn }: ControlPlaneArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:ControlPlane', name, {}, options)
    const inside = { parent: this }
    const own = clusterName(scope)
    const label = tags(scope, 'cluster', { Name: own })
    const { accountId } = aws.getCallerIdentityOutput({}, inside)

    const key = new aws.kms.Key(
      `${name}-secrets`,
      {
        description: `Secrets of the cluster ${own}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: documentOf(accountOwnsKey(accountId)),
        tags: label,
      },
      { parent: this, protect: true, retainOnDelete: true },
    )
    new aws.kms.Alias(
      `${name}-secrets`,
      { name: `alias/${named(scope, 'cluster', 'secrets')}`, targetKeyId: key.keyId },
      inside,
    )
    const role = new aws.iam.Role(
      `${name}-control-plane`,
      {
        name: own,
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: trustOfService('eks.amazonaws.com'),
        tags: label,
      },
      inside,
    )
    const allowed = [
      new aws.iam.RolePolicyAttachment(
        `${name}-control-plane`,
        { role: role.name, policyArn: 'arn:aws:iam::aws:policy/AmazonEKSClusterPolicy' },
        inside,
      ),
      new aws.iam.RolePolicy(
        `${name}-secrets`,
        {
          role: role.name,
          policy: documentOf({
            sid: 'SecretsOfTheCluster',
            actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ListGrants', 'kms:DescribeKey'],
            resources: [key.arn],
          }),
        },
        inside,
      ),
      // EKS would make the group itself, without an end and without a key.
      logGroup(
        `${name}-control-plane`,
        { scope, component: 'cluster', path: `/aws/eks/${own}/cluster`, keyArn: logKeyArn },
        inside,
      ),
    ]
    this.cluster = new aws.eks.Cluster(
      name,
      {
        name: own,
        version: scope.cloud.kubernetes.version,
        roleArn: role.arn,
        accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
        bootstrapSelfManagedAddons: false,
        enabledClusterLogTypes: logTypes,
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
        kubernetesNetworkConfig: { ipFamily: 'ipv4', serviceIpv4Cidr: serviceRange },
        vpcConfig: {
          subnetIds: [...network.intraSubnetIds],
          endpointPrivateAccess: true,
          endpointPublicAccess: false,
        },
        // A version that is paid for six times is not stayed on by forgetting: EKS upgrades it when its support ends.
        upgradePolicy: { supportType: 'STANDARD' },
        zonalShiftConfig: { enabled: true },
        deletionProtection: true,
        tags: label,
      },
      { parent: this, protect: true, dependsOn: allowed },
    )
    this.securityGroupId = this.cluster.vpcConfig.clusterSecurityGroupId
    for (const [tag, value] of Object.entries(discoveryTag(scope)))
      new aws.ec2.Tag(`${name}-discovery`, { resourceId: this.securityGroupId, key: tag, value }, inside)
    this.registerOutputs({ name: this.cluster.name })
  }
}
