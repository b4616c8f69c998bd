import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { findings } from '../../../policies/checks/check.ts'
import { cluster as clusterCheck } from '../../../policies/checks/cluster.ts'
import { assertNoFindings } from '../../../policies/model/finding.ts'
import type { AwsScope } from '../scope.ts'
import type { ICluster, INetwork } from '../types.ts'
import { Access, type AccessArgs } from './access.ts'
import { Addons } from './addons.ts'
import { ControlPlane } from './control-plane.ts'
import { Ingress, type PeerPort } from './ingress.ts'
import { Karpenter } from './karpenter.ts'
import { NodeRole } from './node-role.ts'
import { PodRole } from './pod-role.ts'
import { SystemNodes } from './system-nodes.ts'
import { tunnelDocument } from './tunnel.ts'

export interface ClusterArgs {
  readonly scope: AwsScope
  readonly network: INetwork
  /** The key of the region's logs (`LogKey`). */
  readonly logKeyArn: Input<string>
  /** Who may talk to the API. */
  readonly access: Pick<AccessArgs, 'admin' | 'deploy' | 'preview' | 'links'>
  /** Ports of pods that the environment's other regions may call. Default: none. */
  readonly peerPorts?: readonly PeerPort[]
}

/** A region's cluster: EKS with a private endpoint, a few machines of its own, and the ground for Karpenter. Throws PolicyError. */
export class Cluster extends ComponentResource implements ICluster {
  readonly name: Output<string>
  readonly endpoint: Output<string>
  readonly certificateAuthority: Output<string>
  readonly securityGroupId: Output<string>
  readonly nodeRoleName: Output<string>
  /** Carried by what calls the API from the network, such as CI's runners. */
  readonly clientSecurityGroupId: Output<string>
  /** Where Karpenter reads which machines will go. */
  readonly interruptionQueue: Output<string>
  /** The session document that leads an operator to the endpoint. */
  readonly tunnel: Output<string>

  constructor(name: string, args: ClusterArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Cluster', name, {}, options)
    const { scope, network, logKeyArn, access, peerPorts = [] } = args
    assertNoFindings(
      findings(clusterCheck, scope.policies).filter(({ environment }) => environment === scope.environment),
    )

    const inside = { parent: this }
    const { cluster, securityGroupId } = new ControlPlane(name, { scope, network, logKeyArn }, inside)
    const own = { scope, cluster: cluster.name }
    const podRole = (serviceAccount: string, policy: string) =>
      new PodRole(
        `${name}-${serviceAccount}`,
        { ...own, namespace: 'kube-system', serviceAccount, managed: [policy] },
        inside,
      )
    const cni = podRole('aws-node', 'AmazonEKS_CNI_Policy')
    const volumes = podRole('ebs-csi-controller-sa', 'service-role/AmazonEBSCSIDriverPolicy')
    const before = new Addons(`${name}-early`, { ...own, stage: 'before-nodes', after: [cni] }, inside)
    const role = new NodeRole(`${name}-system`, { scope, machines: 'system', tunnel: true }, inside)
    const { group } = new SystemNodes(`${name}-system`, { ...own, network, role, after: before.made }, inside)
    new Addons(`${name}-late`, { ...own, stage: 'after-nodes', after: [group, volumes] }, inside)
    const karpenter = new Karpenter(`${name}-karpenter`, own, inside)
    new Access(`${name}-access`, { ...own, ...access, nodes: karpenter.nodes.arn }, inside)
    const ingress = new Ingress(`${name}-ingress`, { scope, vpcId: network.vpcId, securityGroupId, peerPorts }, inside)

    this.name = cluster.name
    this.endpoint = cluster.endpoint
    this.certificateAuthority = cluster.certificateAuthority.data
    this.securityGroupId = securityGroupId
    this.nodeRoleName = karpenter.nodes.roleName
    this.clientSecurityGroupId = ingress.clientSecurityGroupId
    this.interruptionQueue = karpenter.queueName
    this.tunnel = tunnelDocument(`${name}-tunnel`, { scope, endpoint: cluster.endpoint }, inside).name
    this.registerOutputs({ name: this.name, endpoint: this.endpoint })
  }
}
