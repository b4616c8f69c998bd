import { runtime } from '@pulumi/pulumi'
import type { MockCallArgs, MockResourceArgs } from '@pulumi/pulumi/runtime/index.js'
import { hidden } from './graph.ts'

/** The account that stands for every account in a recorded graph. */
export const exampleAccount = '123456789012'

interface World {
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly unknowns: boolean
}

const regionOf = ({ inputs, name }: MockResourceArgs): string =>
  typeof inputs.region === 'string' ? inputs.region : (/[a-z]{2}-[a-z]+-\d/.exec(name)?.[0] ?? 'us-east-1')

/** 'aws:ec2/vpc:Vpc' → 'ec2' */
const moduleOf = (type: string): string => type.split(':')[1]?.split('/')[0] ?? ''

/** Outputs that a program reads and that are not in the inputs, by type; a type that is not here has an `arn`. */
const computed: Readonly<Record<string, (args: MockResourceArgs) => Record<string, unknown>>> = {
  'aws:ec2/vpc:Vpc': ({ name }) => ({
    defaultSecurityGroupId: `${name}-default`,
    defaultRouteTableId: `${name}-main`,
    mainRouteTableId: `${name}-main`,
  }),
  'aws:ec2/launchTemplate:LaunchTemplate': () => ({ latestVersion: 1 }),
  'aws:sqs/queue:Queue': (args) => ({
    url: `https://sqs.${regionOf(args)}.amazonaws.com/${exampleAccount}/${args.inputs.name ?? args.name}`,
  }),
  'aws:eks/cluster:Cluster': (args) => ({
    endpoint: `https://${args.name}.eks.example`,
    certificateAuthority: { data: 'Y2VydGlmaWNhdGU=' },
    certificateAuthorities: [{ data: 'Y2VydGlmaWNhdGU=' }],
    identities: [{ oidcs: [{ issuer: `https://oidc.eks.${regionOf(args)}.amazonaws.com/id/EXAMPLE` }] }],
    vpcConfig: { ...args.inputs.vpcConfig, clusterSecurityGroupId: `${args.name}-cluster-sg` },
  }),
  'aws:msk/cluster:Cluster': (args) => ({
    bootstrapBrokersSaslIam: `b-1.${args.name}.kafka.${regionOf(args)}.amazonaws.com:9098`,
    clusterUuid: 'uuid',
  }),
  'aws:elasticache/replicationGroup:ReplicationGroup': (args) => ({
    primaryEndpointAddress: `master.${args.name}.cache.amazonaws.com`,
    readerEndpointAddress: `replica.${args.name}.cache.amazonaws.com`,
    configurationEndpointAddress: `clustercfg.${args.name}.cache.amazonaws.com`,
  }),
  'aws:s3/bucket:Bucket': ({ name, inputs }) => ({
    bucket: inputs.bucket ?? name,
    arn: `arn:aws:s3:::${inputs.bucket ?? name}`,
    bucketRegionalDomainName: `${inputs.bucket ?? name}.s3.amazonaws.com`,
  }),
  'aws:ecr/repository:Repository': ({ name, inputs }) => ({
    repositoryUrl: `${exampleAccount}.dkr.ecr.us-east-1.amazonaws.com/${inputs.name ?? name}`,
  }),
  'aws:acm/certificate:Certificate': ({ inputs }) => ({
    domainValidationOptions: [inputs.domainName, ...(inputs.subjectAlternativeNames ?? [])].map((domainName) => ({
      domainName,
      resourceRecordName: `_check.${String(domainName).replace('*.', '')}`,
      resourceRecordType: 'CNAME',
      resourceRecordValue: '_answer.acm-validations.aws',
    })),
  }),
  'aws:route53/record:Record': ({ inputs }) => ({ fqdn: inputs.name }),
  'aws:route53/zone:Zone': ({ name }) => ({ zoneId: `Z${name}`, nameServers: ['ns-1.example', 'ns-2.example'] }),
  'kubernetes:networking.k8s.io/v1:Ingress': ({ name }) => ({
    status: { loadBalancer: { ingress: [{ hostname: `${name}.elb.example` }] } },
  }),
  // Only what a program reads and did not make itself has an id before it answers.
  'kubernetes:core/v1:Secret': ({ id }) => (id === undefined || id === '' ? {} : { data: { token: 'dG9rZW4=' } }),
  'aws:acmpca/certificateAuthority:CertificateAuthority': () => ({ certificateSigningRequest: 'a request, PEM' }),
  'aws:acmpca/certificate:Certificate': () => ({ certificate: 'a certificate, PEM' }),
  'aws:msk/configuration:Configuration': () => ({ latestRevision: 1 }),
  'aws:kms/key:Key': ({ name }) => ({ keyId: `mrk-${name}` }),
  'aws:kms/replicaKey:ReplicaKey': ({ name }) => ({ keyId: `mrk-${name}` }),
  'aws:iam/role:Role': ({ name, inputs }) => ({
    name: inputs.name ?? name,
    arn: `arn:aws:iam::${exampleAccount}:role/${inputs.name ?? name}`,
  }),
  'random:index/randomPassword:RandomPassword': ({ name }) => ({
    result: `password of ${name}`,
    bcryptHash: `$2b$10$${name}`,
  }),
  'aws:lb/loadBalancer:LoadBalancer': (args) => ({
    dnsName: `${args.name}.elb.${regionOf(args)}.amazonaws.com`,
    zoneId: 'Z26RNL4JYFTOTI',
  }),
}

/** The state of a resource as AWS would answer it: made up, the same for the same program. */
export function answerResource(args: MockResourceArgs, { outputs, unknowns }: World) {
  if (args.type === 'pulumi:pulumi:StackReference') {
    const stack = String(args.inputs.name).split('/').at(-1) ?? ''
    const told = outputs[stack] ?? {}
    const secretOutputNames = Object.keys(told).filter((name) => told[name] === hidden)
    return { id: stack, state: { ...args.inputs, outputs: told, secretOutputNames } }
  }
  const made: Record<string, unknown> = {
    arn: `arn:aws:${moduleOf(args.type)}:${regionOf(args)}:${exampleAccount}:${args.name}`,
    ...computed[args.type]?.(args),
  }
  const known = unknowns ? Object.fromEntries(Object.keys(made).map((key) => [key, runtime.unknownValue])) : made
  return { id: unknowns ? undefined : `${args.name}-id`, state: { ...args.inputs, ...known } }
}

/** The answer of a data source. Throws for one that the model does not know: a program must not guess. */
export function answerCall({ token, inputs }: MockCallArgs): Record<string, unknown> {
  switch (token) {
    case 'aws:index/getCallerIdentity:getCallerIdentity':
      return { accountId: exampleAccount, arn: `arn:aws:iam::${exampleAccount}:root`, id: exampleAccount, userId: 'A' }
    case 'aws:index/getPartition:getPartition':
      return { partition: 'aws', dnsSuffix: 'amazonaws.com', id: 'aws', reverseDnsPrefix: 'com.amazonaws' }
    case 'aws:ec2/getManagedPrefixList:getManagedPrefixList':
      return { id: `pl-${String(inputs.name)}`, name: inputs.name }
    case 'aws:iam/getPolicyDocument:getPolicyDocument':
      return { json: JSON.stringify(inputs), id: 'document' }
    default:
      throw new RangeError(`The model of the cloud has no answer for '${token}': add it to infra/graph/answers.ts.`)
  }
}
