import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

export interface LoadBalancerRights {
  readonly region: string
  readonly accountId: Input<string>
  /** The cluster's name in AWS, which the controller puts on all that it makes. */
  readonly cluster: string
  /** Of the cluster's machines: the controller lets its load balancers in. */
  readonly securityGroupId: Input<string>
  /** What the load balancer for callers from outside shows, and asks first. */
  readonly certificateArn: Input<string>
  readonly webAclArn: Input<string>
}

/** How the controller marks what is its own. */
const mark = 'elbv2.k8s.aws/cluster'

/**
 * What the load balancer controller does for a cluster's doors, and for nothing that is not marked as its own. Source: the list of calls
 * that the project recommends.
 */
export function loadBalancerRights(rights: LoadBalancerRights): readonly InputStatement[] {
  const { region, accountId, cluster, securityGroupId, certificateArn, webAclArn } = rights
  const ec2 = interpolate`arn:aws:ec2:${region}:${accountId}`
  const elb = interpolate`arn:aws:elasticloadbalancing:${region}:${accountId}`
  const groups = interpolate`${ec2}:security-group/*`
  const balancers = ['app', 'net'].map((kind) => interpolate`${elb}:loadbalancer/${kind}/*`)
  const targets = interpolate`${elb}:targetgroup/*`
  const listeners = ['listener', 'listener-rule'].flatMap((what) =>
    ['app', 'net'].map((kind) => interpolate`${elb}:${what}/${kind}/*`),
  )
  const marked = { StringEquals: { [`aws:RequestTag/${mark}`]: cluster } }
  const mine = { StringEquals: { [`aws:ResourceTag/${mark}`]: cluster } }
  const ofElb = (...actions: readonly string[]) => actions.map((action) => `elasticloadbalancing:${action}`)
  const ingress = ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress']
  return [
    {
      sid: 'Look',
      actions: [
        'ec2:DescribeAccountAttributes',
        'ec2:DescribeAddresses',
        'ec2:DescribeAvailabilityZones',
        'ec2:DescribeInstances',
        'ec2:DescribeInternetGateways',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeTags',
        'ec2:DescribeVpcPeeringConnections',
        'ec2:DescribeVpcs',
        'ec2:GetSecurityGroupsForVpc',
        ...ofElb(
          'DescribeCapacityReservation',
          'DescribeListenerAttributes',
          'DescribeListenerCertificates',
          'DescribeListeners',
          'DescribeLoadBalancerAttributes',
          'DescribeLoadBalancers',
          'DescribeRules',
          'DescribeSSLPolicies',
          'DescribeTags',
          'DescribeTargetGroupAttributes',
          'DescribeTargetGroups',
          'DescribeTargetHealth',
          'DescribeTrustStores',
        ),
      ],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': region } },
    },
    { sid: 'Certificate', actions: ['acm:DescribeCertificate'], resources: [certificateArn] },
    {
      sid: 'Firewall',
      actions: [
        'wafv2:AssociateWebACL',
        'wafv2:DisassociateWebACL',
        'wafv2:GetWebACL',
        'wafv2:GetWebACLForResource',
        ...ofElb('SetWebAcl'),
      ],
      resources: [webAclArn, ...balancers],
    },
    {
      sid: 'MakeGroupsInNetworks',
      actions: ['ec2:CreateSecurityGroup'],
      resources: [interpolate`${ec2}:vpc/*`],
    },
    { sid: 'MakeGroups', actions: ['ec2:CreateSecurityGroup'], resources: [groups], conditions: marked },
    {
      sid: 'MarkNewGroups',
      actions: ['ec2:CreateTags'],
      resources: [groups],
      conditions: { StringEquals: { ...marked.StringEquals, 'ec2:CreateAction': 'CreateSecurityGroup' } },
    },
    {
      sid: 'OwnGroups',
      actions: [...ingress, 'ec2:CreateTags', 'ec2:DeleteSecurityGroup', 'ec2:DeleteTags'],
      resources: [groups],
      conditions: mine,
    },
    {
      sid: 'LetLoadBalancersIn',
      actions: ingress,
      resources: [interpolate`${ec2}:security-group/${securityGroupId}`],
    },
    {
      sid: 'Make',
      actions: ofElb('CreateLoadBalancer', 'CreateTargetGroup'),
      resources: [...balancers, targets],
      conditions: marked,
    },
    {
      sid: 'MarkNew',
      actions: ofElb('AddTags'),
      resources: [...balancers, targets],
      // A mark on what somebody else made would make it this region's.
      conditions: {
        StringEquals: {
          ...marked.StringEquals,
          'elasticloadbalancing:CreateAction': ['CreateLoadBalancer', 'CreateTargetGroup'],
        },
      },
    },
    {
      sid: 'Own',
      actions: ofElb(
        'AddTags',
        'DeleteLoadBalancer',
        'DeleteTargetGroup',
        'ModifyIpPools',
        'ModifyLoadBalancerAttributes',
        'ModifyTargetGroup',
        'ModifyTargetGroupAttributes',
        'RemoveTags',
        'SetIpAddressType',
        'SetSecurityGroups',
        'SetSubnets',
      ),
      resources: [...balancers, targets],
      conditions: mine,
    },
    // What leads from a load balancer to pods carries no mark while it is made; the account and the region bound it.
    {
      sid: 'Lead',
      actions: ofElb(
        'AddListenerCertificates',
        'AddTags',
        'CreateListener',
        'CreateRule',
        'DeleteListener',
        'DeleteRule',
        'ModifyListener',
        'ModifyListenerAttributes',
        'ModifyRule',
        'RemoveListenerCertificates',
        'RemoveTags',
        'SetRulePriorities',
      ),
      resources: listeners,
    },
    { sid: 'ListenersOfOwn', actions: ofElb('CreateListener'), resources: balancers, conditions: mine },
    { sid: 'Pods', actions: ofElb('DeregisterTargets', 'RegisterTargets'), resources: [targets] },
    {
      sid: 'RoleOfTheService',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [interpolate`arn:aws:iam::${accountId}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*`],
      conditions: { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } },
    },
  ]
}
