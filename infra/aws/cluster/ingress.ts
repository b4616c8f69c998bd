import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { peerNetworks } from '../network/addresses.ts'
import { type AwsScope, named, tags } from '../scope.ts'

/** A port of pods that the environment's other regions may call. */
export interface PeerPort {
  readonly port: number
  /** Who calls, and what for: the description of the rule. */
  readonly reason: string
}

export interface IngressArgs {
  readonly scope: AwsScope
  readonly vpcId: Input<string>
  /** Of the control plane and of every node. */
  readonly securityGroupId: Input<string>
  readonly peerPorts: readonly PeerPort[]
}

/** Who may come to the cluster from outside of it: clients of its API, and the other regions on named ports. Throws RangeError. */
export class Ingress extends ComponentResource {
  /** Whoever carries this group in the network may call the API of Kubernetes. */
  readonly clientSecurityGroupId: Output<string>

  constructor(name: string, args: IngressArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Ingress', name, {}, options)
    const { scope, vpcId, securityGroupId, peerPorts } = args
    for (const { port } of peerPorts)
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        throw new RangeError(`peerPorts (${port}) must be a port from 1 to 65535.`)
    const inside = { parent: this }
    const label = tags(scope, 'cluster', { Name: named(scope, 'api-clients') })
    const clients = new aws.ec2.SecurityGroup(
      `${name}-clients`,
      { vpcId, description: 'May call the API of Kubernetes', tags: label },
      inside,
    )
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-clients`,
      {
        securityGroupId: clients.id,
        description: 'TLS: the API, AWS, registries',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        cidrIpv4: '0.0.0.0/0',
        tags: label,
      },
      inside,
    )
    const rule = (what: string, port: number, description: string, from: object) =>
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-${what}`,
        {
          securityGroupId,
          description,
          ipProtocol: 'tcp',
          fromPort: port,
          toPort: port,
          ...from,
          tags: tags(scope, 'cluster', { Name: named(scope, what) }),
        },
        inside,
      )
    rule('clients', 443, 'Clients of the API', { referencedSecurityGroupId: clients.id })
    for (const [i, cidrIpv4] of peerNetworks(scope).entries())
      for (const { port, reason } of peerPorts) rule(`peer-${i}-${port}`, port, reason, { cidrIpv4 })
    this.clientSecurityGroupId = clients.id
    this.registerOutputs({ clientSecurityGroupId: this.clientSecurityGroupId })
  }
}
