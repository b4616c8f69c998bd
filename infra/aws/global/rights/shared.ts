import { interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'
import { byId, keys, logGroups, own } from './reach.ts'
import { roles } from './roles.ts'
import { type Facts, writeState } from './state.ts'

/** To make and change what the regions share, and what joins them. */
export function sharedRights(facts: Facts): readonly InputStatement[] {
  const { environment, policy } = facts.primary
  // Route 53 answers from us-east-1, wherever the regions are.
  const regions = [...new Set([...policy.regions, 'us-east-1'])]
  const reach = { environment, regions, prefix: `nd-${environment}`, accountId: facts.accountId }
  return [
    ...writeState(facts, [environment, `${environment}-links`]),
    ...own(['cloudtrail', 'cloudwatch', 'kafka', 'wafv2'], reach),
    logGroups(reach),
    byId(
      'Certificates',
      'acm',
      [
        'AddTagsToCertificate',
        'DeleteCertificate',
        'DescribeCertificate',
        'ListTagsForCertificate',
        'RemoveTagsFromCertificate',
        'RequestCertificate',
        'UpdateCertificateOptions',
      ],
      reach,
    ),
    byId(
      'Authority',
      'acm-pca',
      [
        'CreateCertificateAuthority',
        'DescribeCertificateAuthority',
        'GetCertificate',
        'GetCertificateAuthorityCertificate',
        'GetCertificateAuthorityCsr',
        'ImportCertificateAuthorityCertificate',
        'IssueCertificate',
        'ListTags',
        'TagCertificateAuthority',
        'UntagCertificateAuthority',
        'UpdateCertificateAuthority',
      ],
      reach,
    ),
    byId(
      'Names',
      'route53',
      [
        'AssociateVPCWithHostedZone',
        'ChangeResourceRecordSets',
        'ChangeTagsForResource',
        'CreateHealthCheck',
        'CreateHostedZone',
        'DeleteHealthCheck',
        'DisassociateVPCFromHostedZone',
        'GetChange',
        'GetHealthCheck',
        'GetHostedZone',
        'ListHostedZonesByVPC',
        'ListResourceRecordSets',
        'ListTagsForResource',
        'UpdateHealthCheck',
        'UpdateHostedZoneComment',
      ],
      reach,
    ),
    ...keys(reach),
    ...roles(reach),
    {
      sid: 'OwnRepositories',
      actions: ['ecr:*'],
      resources: regions.map(
        (region) => interpolate`arn:aws:ecr:${region}:${facts.accountId}:repository/nd-${environment}/*`,
      ),
    },
    byId(
      'Registry',
      'ecr',
      [
        'CreateRepository',
        'CreateRepositoryCreationTemplate',
        'DeleteRepositoryCreationTemplate',
        'DescribeRegistry',
        'DescribeRepositoryCreationTemplates',
        'GetRegistryScanningConfiguration',
        'PutRegistryScanningConfiguration',
        'PutReplicationConfiguration',
        'UpdateRepositoryCreationTemplate',
      ],
      reach,
    ),
    byId(
      'JoinNetworks',
      'ec2',
      [
        'AcceptVpcPeeringConnection',
        'CreateNetworkInterface',
        'CreateRoute',
        'CreateTags',
        'CreateVpcPeeringConnection',
        'DeleteRoute',
        'DeleteTags',
        'DeleteVpcPeeringConnection',
        'DescribeNetworkInterfaces',
        'DescribeRouteTables',
        'DescribeSecurityGroups',
        'DescribeSubnets',
        'DescribeVpcPeeringConnections',
        'DescribeVpcs',
        'ModifyVpcPeeringConnectionOptions',
        'ReplaceRoute',
      ],
      reach,
    ),
  ]
}
