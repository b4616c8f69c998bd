import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Resource } from '@pulumi/pulumi'
import type { AddonName } from '../../../policies/model/cloud.ts'
import { type AwsScope, tags } from '../scope.ts'

/** Pods of the platform's own may run where this taint keeps others away. */
export const systemTaint = { key: 'CriticalAddonsOnly', value: 'true' } as const

const tolerations = [{ key: systemTaint.key, operator: 'Exists' }]

const spread = (app: string) => [
  {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { 'k8s-app': app } },
  },
]

/** What an add-on is told beyond its version. */
const configurations: Readonly<Record<AddonName, (scope: AwsScope) => object | undefined>> = {
  'vpc-cni': () => ({
    // Nobody else enforces the NetworkPolicies.
    enableNetworkPolicy: 'true',
    env: {
      ENABLE_PREFIX_DELEGATION: 'true',
      WARM_PREFIX_TARGET: '1',
      // Pods keep their own address in joined networks. Machines are in private subnets alone, so what goes to the internet is
      // translated by NAT, and there is no list of networks to be kept in step.
      AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true',
    },
  }),
  'kube-proxy': () => undefined,
  'eks-pod-identity-agent': () => undefined,
  coredns: ({ here }) => ({
    replicaCount: here.cloud.zones.length,
    topologySpreadConstraints: spread('kube-dns'),
    tolerations,
  }),
  'aws-ebs-csi-driver': (scope) => ({ controller: { extraVolumeTags: tags(scope, 'volumes'), tolerations } }),
  'metrics-server': () => ({ replicas: 2, tolerations }),
}

/** Add-ons without which a machine does not become ready, and those that need a machine to become ready themselves. */
export const addonStages = {
  'before-nodes': ['vpc-cni', 'kube-proxy', 'eks-pod-identity-agent'],
  'after-nodes': ['coredns', 'aws-ebs-csi-driver', 'metrics-server'],
} as const satisfies Record<string, readonly AddonName[]>

export interface AddonsArgs {
  readonly scope: AwsScope
  readonly cluster: Input<string>
  readonly stage: keyof typeof addonStages
  /** The machines, and the roles of the pods. */
  readonly after: readonly Resource[]
}

/** What of EKS itself runs in the cluster, each in the version that the policy says. */
export class Addons extends ComponentResource {
  readonly made: readonly aws.eks.Addon[]

  constructor(name: string, { scope, cluster, stage, after }: AddonsArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Addons', name, {}, options)
    this.made = addonStages[stage].map((addonName) => {
      const configuration = configurations[addonName](scope)
      return new aws.eks.Addon(
        `${name}-${addonName}`,
        {
          clusterName: cluster,
          addonName,
          addonVersion: scope.cloud.kubernetes.addons[addonName],
          ...(configuration ? { configurationValues: JSON.stringify(configuration) } : {}),
          resolveConflictsOnCreate: 'OVERWRITE',
          resolveConflictsOnUpdate: 'OVERWRITE',
          tags: tags(scope, 'cluster', { Name: addonName }),
        },
        { parent: this, dependsOn: [...after] },
      )
    })
    this.registerOutputs()
  }
}
