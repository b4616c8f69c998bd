import { exampleAccount } from '../../infra/graph/answers.ts'
import { hidden } from '../../infra/graph/graph.ts'
import { policies } from '../../policies/bundle.ts'

/** What a region's stack could have declared: enough for whoever reads it. */
export function exampleRegion(environment: string, region: string): Readonly<Record<string, unknown>> {
  const id = `${environment}-${region}`
  const buckets = Object.keys(policies.buckets).map((key) => [key, `nd-${id}-${key}-${exampleAccount}`] as const)
  const three = (what: string) => ['a', 'b', 'c'].map((zone) => `${what}-${id}-${zone}`)
  return {
    region,
    vpcId: `vpc-${id}`,
    cidr: '10.33.0.0/16',
    privateRouteTableIds: three('rtb'),
    intraRouteTableIds: [`rtb-${id}-intra`],
    intraSubnetIds: three('subnet'),
    internalZoneId: `Z${id}-internal`,
    clusterName: `nd-${id}`,
    clusterEndpoint: `https://${id}.eks.example`,
    clusterCertificateAuthority: 'Y2VydGlmaWNhdGU=',
    clusterSecurityGroupId: `sg-${id}-cluster`,
    nodeRole: `nd-${id}-node`,
    kafkaArn: `arn:aws:kafka:${region}:${exampleAccount}:cluster/nd-${id}-kafka/uuid`,
    kafkaBrokers: `b-1.nd-${id}-kafka.kafka.${region}.amazonaws.com:9098`,
    kafkaSecurityGroupId: `sg-${id}-kafka`,
    cacheHost: `master.nd-${id}-cache.cache.amazonaws.com`,
    cachePassword: hidden,
    clickhouseSinkPassword: hidden,
    clickhouseAnalyticsPassword: hidden,
    prometheusPassword: hidden,
    bucketNames: Object.fromEntries(buckets),
    bucketArns: Object.fromEntries(buckets.map(([key, name]) => [key, `arn:aws:s3:::${name}`])),
    namespaces: ['siem', 'data'],
    objects: 1,
  }
}
