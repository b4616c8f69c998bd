/** A path of the inputs that only another resource can have; what lies below belongs to it. `[*]` stands for every entry of a list. */
export type Force =
  | string
  /** Only taking it away forces, or only a lower version. */
  | { readonly path: string; readonly when: 'removed' | 'lowered' }

/** What is known of a type of resource. */
export interface Known {
  /** It keeps what nobody else has. */
  readonly data: boolean
  readonly forces: readonly Force[]
}

/**
 * Reviewed by hand against the ForceNew fields and the conditional ones (CustomizeDiff) of the AWS provider that @pulumi/aws v7 bridges
 * (terraform-provider-aws v6). Every type of it is also replaced by another `region`. A type that is not here may be replaced by any
 * change. Types of Kubernetes are judged in judge.ts: the API server's own rules are known.
 */
export const known: Readonly<Record<string, Known>> = {
  'aws:msk/cluster:Cluster': {
    data: true,
    forces: [
      'clusterName',
      'brokerNodeGroupInfo.clientSubnets',
      'brokerNodeGroupInfo.securityGroups',
      'brokerNodeGroupInfo.azDistribution',
      { path: 'kafkaVersion', when: 'lowered' },
      'encryptionInfo.encryptionAtRestKmsKeyArn',
      'encryptionInfo.encryptionInTransit.inCluster',
    ],
  },
  'aws:msk/replicator:Replicator': {
    data: false,
    forces: ['replicatorName', 'kafkaClusters', 'serviceExecutionRoleArn', 'description'],
  },
  'aws:s3/bucket:Bucket': { data: true, forces: ['bucket', 'bucketPrefix', 'objectLockEnabled'] },
  'aws:s3/bucketV2:BucketV2': { data: true, forces: ['bucket', 'bucketPrefix', 'objectLockEnabled'] },
  'aws:elasticache/replicationGroup:ReplicationGroup': {
    data: true,
    forces: [
      'replicationGroupId',
      'subnetGroupName',
      'atRestEncryptionEnabled',
      'kmsKeyId',
      'port',
      'networkType',
      'dataTieringEnabled',
      'snapshotArns',
      'snapshotName',
      'globalReplicationGroupId',
      'nodeGroupConfigurations',
      { path: 'engineVersion', when: 'lowered' },
    ],
  },
  'aws:elasticache/subnetGroup:SubnetGroup': { data: false, forces: ['name'] },
  'aws:elasticache/parameterGroup:ParameterGroup': { data: false, forces: ['name', 'family', 'description'] },
  'aws:kms/key:Key': {
    data: true,
    forces: ['multiRegion', 'keyUsage', 'customerMasterKeySpec', 'customKeyStoreId', 'xksKeyId'],
  },
  'aws:kms/replicaKey:ReplicaKey': { data: true, forces: ['primaryKeyArn'] },
  'aws:kms/alias:Alias': { data: false, forces: ['name', 'namePrefix'] },
  'aws:ebs/volume:Volume': {
    data: true,
    forces: ['availabilityZone', 'encrypted', 'kmsKeyId', 'snapshotId', 'multiAttachEnabled', 'outpostArn'],
  },
  'aws:ec2/vpc:Vpc': { data: true, forces: ['cidrBlock', 'ipv4IpamPoolId', 'ipv4NetmaskLength'] },
  'aws:ec2/subnet:Subnet': {
    data: true,
    forces: ['vpcId', 'cidrBlock', 'availabilityZone', 'availabilityZoneId', 'ipv6Native', 'outpostArn'],
  },
  'aws:ec2/securityGroup:SecurityGroup': { data: false, forces: ['name', 'namePrefix', 'description', 'vpcId'] },
  'aws:ec2/natGateway:NatGateway': {
    data: false,
    forces: ['subnetId', 'allocationId', 'connectivityType', 'privateIp'],
  },
  'aws:eks/cluster:Cluster': {
    data: true,
    forces: [
      'name',
      'roleArn',
      'accessConfig.bootstrapClusterCreatorAdminPermissions',
      'bootstrapSelfManagedAddons',
      { path: 'encryptionConfig', when: 'removed' },
      'computeConfig.nodeRoleArn',
      'remoteNetworkConfig',
      'kubernetesNetworkConfig.serviceIpv4Cidr',
      'kubernetesNetworkConfig.ipFamily',
      'outpostConfig',
    ],
  },
  'aws:eks/nodeGroup:NodeGroup': {
    data: false,
    forces: [
      'clusterName',
      'nodeGroupName',
      'nodeRoleArn',
      'subnetIds',
      'instanceTypes',
      'amiType',
      'capacityType',
      'diskSize',
      'remoteAccess',
      'launchTemplate.id',
      'launchTemplate.name',
    ],
  },
  'aws:ecr/repository:Repository': { data: true, forces: ['name', 'encryptionConfigurations'] },
  'aws:route53/zone:Zone': { data: true, forces: ['name', 'delegationSetId'] },
  'aws:acm/certificate:Certificate': {
    data: false,
    forces: ['domainName', 'subjectAlternativeNames', 'validationMethod', 'keyAlgorithm', 'certificateAuthorityArn'],
  },
  'aws:acmpca/certificateAuthority:CertificateAuthority': {
    data: true,
    forces: ['certificateAuthorityConfiguration', 'type', 'usageMode', 'keyStorageSecurityStandard'],
  },
  'aws:cloudwatch/logGroup:LogGroup': { data: true, forces: ['name', 'namePrefix', 'logGroupClass'] },
  'aws:secretsmanager/secret:Secret': { data: true, forces: ['name', 'namePrefix'] },
  'aws:ec2/routeTable:RouteTable': { data: false, forces: ['vpcId'] },
  'aws:ec2/route:Route': { data: false, forces: ['routeTableId', 'destinationCidrBlock', 'destinationPrefixListId'] },
  'aws:ec2/vpcEndpoint:VpcEndpoint': { data: false, forces: ['vpcId', 'serviceName', 'vpcEndpointType'] },
  'aws:ec2/flowLog:FlowLog': {
    data: false,
    forces: ['logDestination', 'logFormat', 'trafficType', 'vpcId', 'iamRoleArn'],
  },
  'aws:ec2/eip:Eip': { data: true, forces: ['domain', 'publicIpv4Pool'] },
  'aws:eks/addon:Addon': { data: false, forces: ['addonName', 'clusterName'] },
  'aws:eks/accessEntry:AccessEntry': { data: false, forces: ['clusterName', 'principalArn', 'type'] },
  'aws:eks/podIdentityAssociation:PodIdentityAssociation': {
    data: false,
    forces: ['clusterName', 'namespace', 'serviceAccount'],
  },
  'aws:msk/configuration:Configuration': { data: false, forces: ['name', { path: 'kafkaVersions', when: 'removed' }] },
  'aws:sqs/queue:Queue': { data: true, forces: ['name', 'namePrefix', 'fifoQueue'] },
  'aws:ssm/parameter:Parameter': { data: true, forces: ['name', 'type', 'dataType'] },
  'aws:iam/role:Role': { data: false, forces: ['name', 'namePrefix', 'path'] },
  'aws:iam/rolePolicy:RolePolicy': { data: false, forces: ['name', 'namePrefix', 'role'] },
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': { data: false, forces: ['role', 'policyArn'] },
  'aws:iam/policy:Policy': { data: false, forces: ['name', 'namePrefix', 'path', 'description'] },
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider': { data: false, forces: ['url'] },
  'aws:s3/bucketPolicy:BucketPolicy': { data: false, forces: ['bucket'] },
  'aws:s3/bucketVersioning:BucketVersioning': { data: false, forces: ['bucket'] },
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': { data: false, forces: ['bucket'] },
  'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': { data: false, forces: ['bucket'] },
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': { data: false, forces: ['bucket'] },
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': { data: false, forces: ['bucket'] },
  'aws:s3/bucketReplicationConfig:BucketReplicationConfig': { data: false, forces: ['bucket'] },
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': {
    data: false,
    forces: ['bucket'],
  },
  'aws:ecr/lifecyclePolicy:LifecyclePolicy': { data: false, forces: ['repository', 'policy'] },
  'aws:ecr/replicationConfiguration:ReplicationConfiguration': { data: false, forces: [] },
  'aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration': { data: false, forces: [] },
  'aws:ec2/launchTemplate:LaunchTemplate': { data: false, forces: ['name', 'namePrefix'] },
  'aws:route53/record:Record': { data: false, forces: ['zoneId', 'name', 'type', 'setIdentifier'] },
  'aws:route53/healthCheck:HealthCheck': { data: false, forces: ['type', 'requestInterval', 'measureLatency'] },
  'aws:wafv2/webAcl:WebAcl': { data: false, forces: ['name', 'scope'] },
  'aws:cloudwatch/metricAlarm:MetricAlarm': { data: false, forces: ['name'] },
  'aws:cloudwatch/eventRule:EventRule': { data: false, forces: ['name', 'namePrefix', 'eventBusName'] },
  'aws:cloudtrail/trail:Trail': { data: false, forces: ['name'] },
  'kubernetes:helm.sh/v3:Release': { data: false, forces: ['name', 'namespace'] },
  'random:index/randomPassword:RandomPassword': {
    data: true,
    forces: ['length', 'special', 'upper', 'lower', 'numeric', 'overrideSpecial', 'minSpecial', 'keepers'],
  },
}

/** Kinds of Kubernetes that keep what nobody else has, as group/Kind; those of operators with what their operator cannot change. */
export const dataKinds: Readonly<Record<string, readonly string[]>> = {
  'apps/StatefulSet': [],
  '/PersistentVolume': [],
  '/PersistentVolumeClaim': [],
  '/Namespace': [],
  'apiextensions.k8s.io/CustomResourceDefinition': [],
  'clickhouse.altinity.com/ClickHouseInstallation': [
    'spec.configuration.clusters[*].name',
    'spec.configuration.clusters[*].layout.shardsCount',
    'spec.templates.volumeClaimTemplates[*].spec.storageClassName',
    'spec.templates.volumeClaimTemplates[*].name',
  ],
  'clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation': [
    'spec.configuration.clusters[*].name',
    'spec.templates.volumeClaimTemplates[*].spec.storageClassName',
    'spec.templates.volumeClaimTemplates[*].name',
  ],
  'elasticsearch.k8s.elastic.co/Elasticsearch': ['spec.nodeSets[*].name', 'spec.nodeSets[*].volumeClaimTemplates'],
}
