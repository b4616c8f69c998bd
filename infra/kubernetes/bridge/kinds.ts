import kubernetes from '@pulumi/kubernetes'
import type { CustomResource, CustomResourceOptions } from '@pulumi/pulumi'
import { meshKinds } from '../mesh/object.ts'
import type { Stage } from './stages.ts'

type Constructor = new (name: string, args: never, options?: CustomResourceOptions) => CustomResource

interface Kind {
  readonly make: Constructor
  readonly stage: Stage
}

const { apiextensions, apiregistration, apps, batch, core, networking, node, policy, rbac, scheduling, storage } =
  kubernetes

/** The typed class of every kind that the charts use, by `apiVersion/kind`. */
export const kinds = {
  'v1/Namespace': { make: core.v1.Namespace, stage: 'ground' },
  'apiextensions.k8s.io/v1/CustomResourceDefinition': {
    make: apiextensions.v1.CustomResourceDefinition,
    stage: 'ground',
  },
  'scheduling.k8s.io/v1/PriorityClass': { make: scheduling.v1.PriorityClass, stage: 'ground' },
  'storage.k8s.io/v1/StorageClass': { make: storage.v1.StorageClass, stage: 'ground' },
  'node.k8s.io/v1/RuntimeClass': { make: node.v1.RuntimeClass, stage: 'ground' },
  'rbac.authorization.k8s.io/v1/ClusterRole': { make: rbac.v1.ClusterRole, stage: 'ground' },
  'rbac.authorization.k8s.io/v1/Role': { make: rbac.v1.Role, stage: 'needs' },
  'rbac.authorization.k8s.io/v1/RoleBinding': { make: rbac.v1.RoleBinding, stage: 'needs' },
  'v1/ServiceAccount': { make: core.v1.ServiceAccount, stage: 'needs' },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': { make: rbac.v1.ClusterRoleBinding, stage: 'needs' },
  'v1/ResourceQuota': { make: core.v1.ResourceQuota, stage: 'needs' },
  'networking.k8s.io/v1/NetworkPolicy': { make: networking.v1.NetworkPolicy, stage: 'needs' },
  'v1/ConfigMap': { make: core.v1.ConfigMap, stage: 'needs' },
  'v1/Secret': { make: core.v1.Secret, stage: 'needs' },
  'v1/PersistentVolume': { make: core.v1.PersistentVolume, stage: 'needs' },
  'policy/v1/PodDisruptionBudget': { make: policy.v1.PodDisruptionBudget, stage: 'needs' },
  'batch/v1/Job': { make: batch.v1.Job, stage: 'jobs' },
  // It is ready once it answers, so it comes with the addresses that it is reached at.
  'apiregistration.k8s.io/v1/APIService': { make: apiregistration.v1.APIService, stage: 'addresses' },
  'v1/Service': { make: core.v1.Service, stage: 'addresses' },
  'networking.k8s.io/v1/Ingress': { make: networking.v1.Ingress, stage: 'addresses' },
  'apps/v1/Deployment': { make: apps.v1.Deployment, stage: 'workloads' },
  'apps/v1/StatefulSet': { make: apps.v1.StatefulSet, stage: 'workloads' },
} as const satisfies Record<string, Kind>

/** Kinds of the operators: untyped for Pulumi, typed where a chart makes them. What is not here comes last, after what it is about. */
export const customKinds = {
  'karpenter.k8s.aws/v1/EC2NodeClass': 'supplies',
  'karpenter.sh/v1/NodePool': 'supplies',
  'awspca.cert-manager.io/v1beta1/AWSPCAClusterIssuer': 'supplies',
  'cert-manager.io/v1/Certificate': 'certificates',
  'clickhouse.altinity.com/v1/ClickHouseInstallation': 'workloads',
  'elasticsearch.k8s.elastic.co/v1/Elasticsearch': 'workloads',
  'keda.sh/v1alpha1/ClusterTriggerAuthentication': 'certificates',
  'neurodefender.io/v1/MLInference': 'workloads',
  'keda.sh/v1alpha1/ScaledObject': 'addresses',
} as const satisfies Record<string, Stage>

/** Rules of the mesh stand before the first pod does, so that none is open for a while. */
const rules: ReadonlySet<string> = new Set(meshKinds)

export type KnownKind = keyof typeof kinds

/** How objects of a kind are made. */
export function kindOf(apiVersion: string, kind: string): Kind {
  const key = `${apiVersion}/${kind}`
  if (Object.hasOwn(kinds, key)) return kinds[key as KnownKind]
  const custom = Object.hasOwn(customKinds, key) ? customKinds[key as keyof typeof customKinds] : 'addresses'
  const stage = rules.has(key) ? 'certificates' : custom
  return { make: apiextensions.CustomResource as unknown as Constructor, stage }
}
