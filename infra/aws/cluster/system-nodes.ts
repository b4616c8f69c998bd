import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Resource } from '@pulumi/pulumi'
import { instances } from '../../../policies/model/instances.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { INetwork } from '../types.ts'
import { systemTaint } from './addons.ts'
import { nodeConfig } from './node-config.ts'
import type { NodeRole } from './node-role.ts'

export interface SystemNodesArgs {
  readonly scope: AwsScope
  readonly cluster: Input<string>
  readonly network: INetwork
  readonly role: NodeRole
  /** Add-ons without which a machine does not become ready. */
  readonly after: readonly Resource[]
}

const images = { amd64: 'AL2023_x86_64_STANDARD', arm64: 'AL2023_ARM_64_STANDARD' } as const

/** Gibibytes for the system, images and logs of a machine that keeps no data. */
const rootVolume = 50

/** The machines that the platform's own controllers run on, Karpenter first: it cannot start what it runs on itself. */
export class SystemNodes extends ComponentResource {
  readonly group: aws.eks.NodeGroup

  constructor(name: string, args: SystemNodesArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:SystemNodes', name, {}, options)
    const { scope, cluster, network, role, after } = args
    const { version, system } = scope.cloud.kubernetes
    const label = tags(scope, 'cluster', { Name: named(scope, 'system') })
    const template = new aws.ec2.LaunchTemplate(
      name,
      {
        name: named(scope, 'system'),
        updateDefaultVersion: true,
        instanceType: system.instance,
        userData: nodeConfig(),
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: '/dev/xvda',
            ebs: { volumeType: 'gp3', volumeSize: rootVolume, encrypted: 'true', deleteOnTermination: 'true' },
          },
        ],
        tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
          resourceType,
          tags: label,
        })),
        tags: label,
      },
      { parent: this },
    )
    this.group = new aws.eks.NodeGroup(
      name,
      {
        clusterName: cluster,
        nodeGroupName: named(scope, 'system'),
        version,
        amiType: images[instances[system.instance]?.architecture ?? 'amd64'],
        nodeRoleArn: role.arn,
        subnetIds: [...network.privateSubnetIds],
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: { minSize: system.count, desiredSize: system.count, maxSize: system.count + 1 },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        labels: { 'neurodefender.io/pool': 'system' },
        taints: [{ ...systemTaint, effect: 'NO_SCHEDULE' }],
        tags: label,
      },
      { parent: this, dependsOn: [...role.attached, ...after] },
    )
    this.registerOutputs()
  }
}
