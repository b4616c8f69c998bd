import kubernetes from '@pulumi/kubernetes'
import type { CustomResource, CustomResourceOptions } from '@pulumi/pulumi'

type Constructor = new (name: string, args: never, options?: CustomResourceOptions) => CustomResource

/** The order of making; deleting goes the other way. */
export const stages = ['ground', 'needs', 'name-server', 'names-answer', 'jobs', 'workloads', 'addresses'] as const
export type Stage = (typeof stages)[number]

interface Kind {
  readonly make: Constructor
  readonly stage: Stage
}

const { apps, batch, core, networking, policy, rbac, storage } = kubernetes

/** The typed class of every kind that the charts use, by `apiVersion/kind`. A kind that is not here is a custom resource. */
export const kinds = {
  'v1/Namespace': { make: core.v1.Namespace, stage: 'ground' },
  'storage.k8s.io/v1/StorageClass': { make: storage.v1.StorageClass, stage: 'ground' },
  'rbac.authorization.k8s.io/v1/ClusterRole': { make: rbac.v1.ClusterRole, stage: 'ground' },
  'v1/ServiceAccount': { make: core.v1.ServiceAccount, stage: 'needs' },
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': { make: rbac.v1.ClusterRoleBinding, stage: 'needs' },
  'v1/ResourceQuota': { make: core.v1.ResourceQuota, stage: 'needs' },
  'networking.k8s.io/v1/NetworkPolicy': { make: networking.v1.NetworkPolicy, stage: 'needs' },
  'v1/ConfigMap': { make: core.v1.ConfigMap, stage: 'needs' },
  'v1/Secret': { make: core.v1.Secret, stage: 'needs' },
  'v1/PersistentVolume': { make: core.v1.PersistentVolume, stage: 'needs' },
  'policy/v1/PodDisruptionBudget': { make: policy.v1.PodDisruptionBudget, stage: 'needs' },
  'batch/v1/Job': { make: batch.v1.Job, stage: 'jobs' },
  'v1/Service': { make: core.v1.Service, stage: 'addresses' },
  'apps/v1/Deployment': { make: apps.v1.Deployment, stage: 'workloads' },
  'apps/v1/StatefulSet': { make: apps.v1.StatefulSet, stage: 'workloads' },
} as const satisfies Record<string, Kind>

export type KnownKind = keyof typeof kinds

/** How objects of a kind are made. */
export function kindOf(apiVersion: string, kind: string): Kind {
  const key = `${apiVersion}/${kind}`
  if (Object.hasOwn(kinds, key)) return kinds[key as KnownKind]
  return { make: kubernetes.apiextensions.CustomResource as unknown as Constructor, stage: 'addresses' }
}
