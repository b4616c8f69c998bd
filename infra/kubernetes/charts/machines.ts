import type { IEC2NodeClass } from '@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClass'
import type { INodePool } from '@kubernetes-models/karpenter/karpenter.sh/v1/NodePool'
import type { Construct } from 'constructs'
import type { NodePoolPolicy } from '../../../policies/model/cloud.ts'
import { tags } from '../../aws/scope.ts'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { customResource } from '../custom-resource.ts'
import { cloudScope } from '../names.ts'
import { asText } from '../output-resolver.ts'
import { gpuResource, type PoolName, poolLabel, poolTaints } from '../workload/placement.ts'
import { RegionChart } from './region-chart.ts'

const nodeClass = 'neurodefender'

/** How a pool may lose machines: data moves one machine at a time and never for money. */
const disruption = {
  general: {
    consolidationPolicy: 'WhenEmptyOrUnderutilized',
    consolidateAfter: '5m',
    budgets: [{ nodes: '10%' }],
  },
  data: { consolidationPolicy: 'WhenEmpty', consolidateAfter: '30m', budgets: [{ nodes: '1' }] },
  // A GPU machine takes minutes to come, so it stays a while after its last pod.
  gpu: { consolidationPolicy: 'WhenEmpty', consolidateAfter: '15m', budgets: [{ nodes: '1' }] },
} as const satisfies Record<PoolName, NonNullable<INodePool['spec']>['disruption']>

/** What a machine of every pool is: image, role, network, disk, and no way to its credentials from a pod. */
function nodeClassSpec(scope: ChartScope, cluster: ManagedCluster): NonNullable<IEC2NodeClass['spec']> {
  const mine = [{ tags: { 'karpenter.sh/discovery': asText(cluster.name) } }]
  return {
    amiSelectorTerms: [{ alias: scope.policies.operators.machineImage }],
    role: asText(cluster.nodeRole),
    subnetSelectorTerms: mine,
    securityGroupSelectorTerms: mine,
    associatePublicIPAddress: false,
    metadataOptions: {
      httpEndpoint: 'enabled',
      httpTokens: 'required',
      httpPutResponseHopLimit: 1,
      httpProtocolIPv6: 'disabled',
    },
    blockDeviceMappings: [
      {
        deviceName: '/dev/xvda',
        ebs: { volumeType: 'gp3', volumeSize: '100Gi', encrypted: true, deleteOnTermination: true },
      },
    ],
    kubelet: {
      systemReserved: { cpu: '100m', memory: '256Mi' },
      kubeReserved: { cpu: '100m', memory: '512Mi' },
      evictionHard: { 'memory.available': '5%', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%' },
      imageGCHighThresholdPercent: 80,
      imageGCLowThresholdPercent: 60,
    },
    detailedMonitoring: false,
    tags: tags(cloudScope(scope), 'nodes'),
  }
}

function nodePoolSpec(scope: ChartScope, name: PoolName, pool: NodePoolPolicy): NonNullable<INodePool['spec']> {
  const { region } = scope.context
  const zones = scope.policies.regions[region]?.cloud?.zones
  if (!zones) throw new RangeError(`regions.${region} is no region of AWS.`)
  const { cpu, memory, gpu } = pool.limits
  const oneOf = (key: string, values: readonly string[]) => ({ key, operator: 'In' as const, values: [...values] })
  return {
    template: {
      metadata: { labels: { [poolLabel]: name } },
      spec: {
        nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: nodeClass },
        requirements: [
          oneOf('node.kubernetes.io/instance-type', pool.instances),
          oneOf('kubernetes.io/arch', [pool.architecture]),
          oneOf('kubernetes.io/os', ['linux']),
          oneOf('karpenter.sh/capacity-type', [pool.capacity]),
          oneOf(
            'topology.kubernetes.io/zone',
            zones.map((zone) => `${region}${zone}`),
          ),
        ],
        ...(poolTaints[name].length > 0 ? { taints: poolTaints[name].map((taint) => ({ ...taint })) } : {}),
        // A machine is replaced by a new image through drift, within the budget; age alone moves nothing that keeps data.
        expireAfter: name === 'data' ? 'Never' : '720h',
      },
    },
    limits: { cpu, memory, ...(gpu === undefined ? {} : { [gpuResource]: gpu }) },
    disruption: { ...disruption[name], budgets: disruption[name].budgets.map((budget) => ({ ...budget })) },
  }
}

/** The machines of a region: what one is, and how many of which kind Karpenter may start for whom. */
export class Machines extends RegionChart {
  constructor(parent: Construct, scope: ChartScope, cluster: ManagedCluster) {
    super(parent, 'machines', scope)
    customResource(this, 'class', {
      apiVersion: 'karpenter.k8s.aws/v1',
      kind: 'EC2NodeClass',
      metadata: { name: nodeClass },
      spec: nodeClassSpec(scope, cluster),
    })
    const pools = scope.policies.cloud[scope.environment]?.kubernetes.pools
    if (!pools) throw new RangeError(`cloud.${scope.environment} has no pools.`)
    for (const [name, pool] of Object.entries(pools) as [PoolName, NodePoolPolicy][])
      customResource(this, name, {
        apiVersion: 'karpenter.sh/v1',
        kind: 'NodePool',
        metadata: { name },
        spec: nodePoolSpec(scope, name, pool),
      })
  }
}
