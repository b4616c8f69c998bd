import { edit, type Mutation, ofType, option, set, without } from './mutation.ts'

const cluster = ofType('aws:eks/cluster:Cluster')
const kafka = ofType('aws:msk/cluster:Cluster')
const cache = ofType('aws:elasticache/replicationGroup:ReplicationGroup')
const lifecycle = ofType('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration')
const bucket = ofType('aws:s3/bucket:Bucket', /cold/)

/** Mistakes in what AWS makes. */
export const cloudMutations: readonly Mutation[] = [
  {
    rule: 'eks-private-endpoint',
    mistake: 'the endpoint is opened for a debugging session',
    change: set(cluster, ['vpcConfig', 'endpointPublicAccess'], true),
  },
  {
    rule: 'eks-control-plane-logs',
    mistake: 'the audit log is too dear',
    change: set(cluster, ['enabledClusterLogTypes'], ['api', 'authenticator']),
  },
  {
    rule: 'eks-secrets-encrypted',
    mistake: 'the key is left out',
    change: set(cluster, ['encryptionConfig'], undefined),
  },
  {
    rule: 'eks-access-entries',
    mistake: 'the old config map is kept beside the entries',
    change: set(cluster, ['accessConfig', 'authenticationMode'], 'API_AND_CONFIG_MAP'),
  },
  {
    rule: 'nodes-instance-metadata',
    mistake: 'pods reach the metadata of the machine over one more hop',
    change: set(ofType('aws:ec2/launchTemplate:LaunchTemplate'), ['metadataOptions', 'httpPutResponseHopLimit'], 2),
  },
  {
    rule: 'no-world-open-ingress',
    mistake: "Kafka's clients are anybody",
    change: set(
      ofType('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', /kafka/),
      ['cidrIpv4'],
      '0.0.0.0/0',
    ),
  },
  { rule: 'vpc-flow-logs', mistake: 'nobody logs', change: without(ofType('aws:ec2/flowLog:FlowLog')) },
  {
    rule: 's3-public-block',
    mistake: 'a bucket may have a public policy',
    change: set(ofType('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock'), ['blockPublicPolicy'], false),
  },
  {
    rule: 's3-encrypted',
    mistake: "AWS's own key encrypts",
    change: set(
      ofType('aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration'),
      ['rules', 0, 'applyServerSideEncryptionByDefault'],
      { sseAlgorithm: 'AES256' },
    ),
  },
  {
    rule: 's3-versioned',
    mistake: 'versions are forgotten',
    change: without(ofType('aws:s3/bucketVersioning:BucketVersioning')),
  },
  {
    rule: 's3-no-expiration',
    mistake: 'the bucket cleans up by itself',
    change: set(lifecycle, ['rules', 0, 'expiration'], { days: 365 }),
  },
  {
    rule: 'kafka-durable',
    mistake: 'every copy must acknowledge',
    change: edit(ofType('aws:msk/configuration:Configuration'), ['serverProperties'], (text) =>
      String(text).replace(/min\.insync\.replicas\s*=\s*\d+/, 'min.insync.replicas=3'),
    ),
  },
  {
    rule: 'kafka-tls-iam',
    mistake: 'anybody may log in',
    change: set(kafka, ['clientAuthentication', 'unauthenticated'], true),
  },
  { rule: 'cache-tls-auth', mistake: 'the cache has no password', change: set(cache, ['authToken'], undefined) },
  { rule: 'cache-available', mistake: 'one zone is cheaper', change: set(cache, ['multiAzEnabled'], false) },
  {
    rule: 'kms-rotation',
    mistake: 'a key stays as it is',
    change: set(ofType('aws:kms/key:Key'), ['enableKeyRotation'], false),
  },
  { rule: 'data-protected', mistake: 'a bucket can be deleted', change: option(bucket, { protect: false }) },
  { rule: 'cost-tags', mistake: 'nobody pays', change: set(bucket, ['tags', 'CostCentre'], undefined) },
  {
    rule: 's3-object-lock',
    mistake: 'whoever owns the account may delete what was audited',
    change: set(
      ofType('aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration'),
      ['rule', 'defaultRetention', 'mode'],
      'GOVERNANCE',
    ),
  },
  {
    rule: 'replicated',
    mistake: 'a region has no copy of the cold events',
    change: without(ofType('aws:s3/bucketReplicationConfig:BucketReplicationConfig', /cold/)),
  },
  {
    rule: 'residency-replication',
    mistake: "events are copied to another law's region",
    change: edit(
      ofType('aws:s3/bucketReplicationConfig:BucketReplicationConfig', /cold/),
      ['rules', 0, 'destination', 'bucket'],
      () => 'arn:aws:s3:::nd-prod-eu-west-1-cold-123456789012',
    ),
  },
  {
    rule: 'residency-place',
    mistake: 'a bucket of events stands in another region than it says',
    change: set(bucket, ['tags', 'Jurisdiction'], 'eu'),
  },
  {
    rule: 'iam-no-wildcards',
    mistake: 'a role may do everything',
    change: set(
      ofType('aws:iam/rolePolicy:RolePolicy'),
      ['policy'],
      JSON.stringify({ Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] }] }),
    ),
  },
  {
    rule: 'kms-through-services',
    mistake: 'a deployment fails, and whoever mends it takes the condition of its keys away',
    change: edit(ofType('aws:iam/rolePolicy:RolePolicy', /deploy/), ['policy'], (policy) =>
      String(policy).replaceAll('kms:ViaService', 'aws:CalledVia'),
    ),
  },
  {
    rule: 'github-trust-bound',
    mistake: 'any branch deploys',
    change: edit(ofType('aws:iam/role:Role', /deploy/), ['assumeRolePolicy'], (policy) =>
      String(policy).replaceAll(/"(repo:[^":]+):[^"]+"/g, '"$1:*"'),
    ),
  },
  {
    rule: 'ecr-scanned',
    mistake: 'images are pushed unseen',
    change: (graph) => {
      const seen =
        without(ofType('aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration'))(graph) ?? graph
      return set(ofType('aws:ecr/repository:Repository'), ['imageScanningConfiguration', 'scanOnPush'], false)(seen)
    },
  },
  {
    rule: 'ecr-immutable',
    mistake: 'a tag may move',
    change: set(ofType('aws:ecr/repository:Repository'), ['imageTagMutability'], 'MUTABLE'),
  },
]
