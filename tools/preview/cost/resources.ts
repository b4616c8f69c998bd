import type { GraphResource } from '../../../infra/graph/graph.ts'

/** Something that is paid for by the month: how many units of a key of the price list. */
export interface Item {
  readonly service: string
  readonly price: string
  readonly min: number
  readonly max: number
}

type Inputs = Readonly<Record<string, unknown>>
const number = (value: unknown, otherwise = 0): number => (typeof value === 'number' ? value : otherwise)
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const inner = (value: unknown): Inputs => (typeof value === 'object' && value !== null ? (value as Inputs) : {})
const one = (service: string, price: string, count = 1): Item[] => [{ service, price, min: count, max: count }]

/** What one resource of a type costs by its inputs alone. */
export const priced: Readonly<Record<string, (inputs: Inputs) => readonly Item[]>> = {
  'aws:ec2/natGateway:NatGateway': () => one('Network', 'vpc:nat'),
  'aws:ec2/eip:Eip': () => one('Network', 'vpc:address'),
  'aws:ec2/vpcEndpoint:VpcEndpoint': ({ vpcEndpointType, subnetIds }) =>
    vpcEndpointType === 'Interface' ? one('Network', 'vpc:endpoint', Math.max(1, list(subnetIds).length)) : [],
  'aws:ec2transitgateway/vpcAttachment:VpcAttachment': () => one('Network', 'vpc:transit-attachment'),
  'aws:ec2transitgateway/peeringAttachment:PeeringAttachment': () => one('Network', 'vpc:transit-attachment'),
  'aws:lb/loadBalancer:LoadBalancer': ({ loadBalancerType }) =>
    one('Network', loadBalancerType === 'network' ? 'lb:network' : 'lb:application'),
  'kubernetes:core/v1:Service': ({ spec }) => (inner(spec).type === 'LoadBalancer' ? one('Network', 'lb:network') : []),
  'aws:eks/cluster:Cluster': () => one('EKS control planes', 'eks:cluster'),
  'aws:eks/nodeGroup:NodeGroup': ({ instanceTypes, scalingConfig }) => {
    const { minSize, maxSize } = inner(scalingConfig)
    const price = `ec2:${String(list(instanceTypes)[0] ?? 'unknown')}`
    return [{ service: 'Machines: system', price, min: number(minSize, 1), max: number(maxSize, 1) }]
  },
  'aws:ec2/instance:Instance': ({ instanceType }) => one('Machines: system', `ec2:${String(instanceType)}`),
  'aws:ebs/volume:Volume': ({ size }) => one('Volumes', 'ebs:gp3', number(size)),
  'aws:msk/cluster:Cluster': ({ numberOfBrokerNodes, brokerNodeGroupInfo }) => {
    const brokers = number(numberOfBrokerNodes)
    const { instanceType, storageInfo } = inner(brokerNodeGroupInfo)
    const size = number(inner(inner(storageInfo).ebsStorageInfo).volumeSize)
    return [...one('Kafka', `msk:${String(instanceType)}`, brokers), ...one('Kafka', 'msk:storage', brokers * size)]
  },
  'aws:msk/replicator:Replicator': () => one('Kafka', 'msk:replicator'),
  'aws:elasticache/replicationGroup:ReplicationGroup': (inputs) => {
    const clusters = inputs.numNodeGroups
      ? number(inputs.numNodeGroups) * (1 + number(inputs.replicasPerNodeGroup))
      : number(inputs.numCacheClusters, 1)
    return one('Cache', `cache:${String(inputs.nodeType)}`, clusters)
  },
  'aws:kms/key:Key': () => one('Keys and names', 'kms:key'),
  'aws:kms/replicaKey:ReplicaKey': () => one('Keys and names', 'kms:key'),
  'aws:route53/zone:Zone': () => one('Keys and names', 'route53:zone'),
  'aws:route53/healthCheck:HealthCheck': () => one('Keys and names', 'route53:health-check'),
  'aws:acmpca/certificateAuthority:CertificateAuthority': ({ usageMode }) =>
    one('Keys and names', usageMode === 'SHORT_LIVED_CERTIFICATE' ? 'ca:short-lived' : 'ca:general'),
  'aws:secretsmanager/secret:Secret': () => one('Keys and names', 'secret'),
  'aws:wafv2/webAcl:WebAcl': ({ rules }) => [
    ...one('Firewall', 'waf:acl'),
    ...one('Firewall', 'waf:rule', list(rules).length),
  ],
  'aws:cloudwatch/metricAlarm:MetricAlarm': () => one('Alarms', 'cloudwatch:alarm'),
}

/** Modules whose other types cost nothing, or only by use. */
const freeModules: ReadonlySet<string> = new Set([
  ...['acm', 'acmpca', 'cloudwatch', 'ec2', 'ec2transitgateway', 'ecr', 'eks', 'elasticache', 'iam', 'index', 'kms'],
  ...['lb', 'msk', 'route53', 's3', 'secretsmanager', 'sqs', 'ssm', 'vpc', 'wafv2', 'cloudwatchevent'],
  ...['cfg', 'cloudtrail', 'ram', 'resourcegroups', 'servicequotas', 'sns'],
])

/** Whether the price list says nothing of a type that may well cost something. */
export function unpriced({ type }: GraphResource): boolean {
  const [provider, module] = type.split(/[:/]/)
  return provider === 'aws' && priced[type] === undefined && !freeModules.has(module ?? '')
}
