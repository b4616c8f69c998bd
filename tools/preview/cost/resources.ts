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

/** The machine of a node group: its own, or its launch template's, which it names by the id that the model of the cloud gave it. */
function machineOf({ instanceTypes, launchTemplate }: Inputs, beside: readonly GraphResource[]): string {
  const [own] = list(instanceTypes)
  if (own !== undefined) return String(own)
  const { id } = inner(launchTemplate)
  const template = beside.find(
    ({ type, name }) => type === 'aws:ec2/launchTemplate:LaunchTemplate' && id === `${name}-id`,
  )
  return String(template?.inputs.instanceType ?? 'unknown')
}

/** What one resource of a type costs by its inputs and those of what stands beside it in its stack. */
export const priced: Readonly<Record<string, (inputs: Inputs, beside: readonly GraphResource[]) => readonly Item[]>> = {
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
  'aws:eks/nodeGroup:NodeGroup': (inputs, beside) => {
    // The most is for the time of an update; what stays is what is desired.
    const { desiredSize, minSize } = inner(inputs.scalingConfig)
    return one('Machines: system', `ec2:${machineOf(inputs, beside)}`, number(desiredSize, number(minSize, 1)))
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
