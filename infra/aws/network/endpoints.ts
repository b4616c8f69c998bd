import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { documentOf, type InputStatement } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'

/** What of AWS must answer while NAT does not, or is too dear to go through NAT. Everything else goes through NAT. */
export const interfaceEndpoints = {
  'ecr.api': { owner: 'any', reason: 'nodes ask where an image lies, and those of the add-ons are of AWS' },
  'ecr.dkr': { owner: 'any', reason: 'nodes fetch manifests, and those of the add-ons are of AWS' },
  sts: { owner: 'own', reason: 'sessions of pods and runners are renewed every hour' },
  ec2: { owner: 'any', reason: 'CNI, volume driver and Karpenter; images of machines are of AWS' },
  eks: { owner: 'own', reason: 'a machine asks for its cluster when it starts' },
  'eks-auth': { owner: 'own', reason: 'the Pod Identity agent fetches what a pod may do' },
  elasticloadbalancing: { owner: 'own', reason: 'the load balancer controller moves targets when pods move' },
  sqs: { owner: 'own', reason: 'Karpenter reads that a machine will be taken away' },
  ssm: { owner: 'any', reason: 'Karpenter reads which image is current, in parameters of AWS; the agent registers' },
  ssmmessages: { owner: 'own', reason: 'the tunnel of an operator to the private API' },
} as const satisfies Record<string, { readonly owner: 'own' | 'any'; readonly reason: string }>

/** Buckets of AWS and of the Kubernetes project that machines read; nobody writes there. */
const readable = (region: string): readonly string[] => [
  // Layers of every image of ECR.
  `arn:aws:s3:::prod-${region}-starport-layer-bucket/*`,
  // Packages of Amazon Linux 2023.
  `arn:aws:s3:::al2023-repos-${region}-de612dc2/*`,
  // Layers of registry.k8s.io, which answers from the nearest region.
  `arn:aws:s3:::prod-registry-k8s-io-${region}/*`,
]

/** Only with credentials of this account, and for `own` only to what is this account's: nothing can be carried out to another. */
const ownAccount = (service: string, accountId: Input<string>, owner: 'own' | 'any'): InputStatement => ({
  sid: 'OwnAccount',
  actions: [`${service}:*`],
  resources: ['*'],
  principals: '*',
  conditions: {
    StringEquals: {
      'aws:PrincipalAccount': accountId,
      ...(owner === 'own' ? { 'aws:ResourceAccount': accountId } : {}),
    },
  },
  reason: 'A role says what its bearer may do; the endpoint says whose bearers may pass.',
})

/** Who comes with a token of GitHub has no account before STS has answered; the role is ours, and it says which token it takes. */
const byToken = (accountId: Input<string>): InputStatement => ({
  sid: 'OwnRolesByToken',
  actions: ['sts:AssumeRoleWithWebIdentity'],
  resources: ['*'],
  principals: '*',
  conditions: { StringEquals: { 'aws:ResourceAccount': accountId } },
})

export interface EndpointsArgs {
  readonly scope: AwsScope
  readonly vpcId: Input<string>
  /** Who may call: the network's own addresses. */
  readonly cidr: string
  readonly subnetIds: readonly Input<string>[]
  /** Tables that lead to S3 without NAT. */
  readonly routeTableIds: readonly Input<string>[]
}

/** Ways to services of AWS that leave the network through no gateway. */
export class Endpoints extends ComponentResource {
  constructor(name: string, args: EndpointsArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Endpoints', name, {}, options)
    const { scope, vpcId, cidr } = args
    const inside = { parent: this }
    const label = (what: string) => tags(scope, 'network', { Name: named(scope, what) })
    const { accountId } = aws.getCallerIdentityOutput({}, inside)
    const group = new aws.ec2.SecurityGroup(
      name,
      { vpcId, description: 'Endpoints of AWS, for this network alone', tags: label('endpoints') },
      inside,
    )
    new aws.vpc.SecurityGroupIngressRule(
      name,
      {
        securityGroupId: group.id,
        description: 'TLS from the network',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        cidrIpv4: cidr,
        tags: label('endpoints'),
      },
      inside,
    )
    for (const [service, { owner }] of Object.entries(interfaceEndpoints))
      new aws.ec2.VpcEndpoint(
        `${name}-${service.replace('.', '-')}`,
        {
          vpcId,
          vpcEndpointType: 'Interface',
          serviceName: `com.amazonaws.${scope.region}.${service}`,
          subnetIds: [...args.subnetIds],
          securityGroupIds: [group.id],
          privateDnsEnabled: true,
          policy: documentOf(
            ownAccount(service.split('.')[0] ?? service, accountId, owner),
            ...(service === 'sts' ? [byToken(accountId)] : []),
          ),
          tags: label(service),
        },
        inside,
      )
    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId,
        vpcEndpointType: 'Gateway',
        serviceName: `com.amazonaws.${scope.region}.s3`,
        routeTableIds: [...args.routeTableIds],
        policy: documentOf(ownAccount('s3', accountId, 'own'), {
          sid: 'PublicLayers',
          actions: ['s3:GetObject'],
          resources: readable(scope.region),
          principals: '*',
          reason:
            'Signed addresses of layers carry no principal of ours; these buckets hold only what is public or AWS signed.',
        }),
        tags: label('s3'),
      },
      inside,
    )
    this.registerOutputs()
  }
}
