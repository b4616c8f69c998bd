import type { ApiError } from './connection.ts'
import type { Change } from './diff.ts'
import type { Kind } from './kind.ts'
import { begins, type Path, parse } from './wire.ts'

const named = ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace']

/** The properties of each kind that the API server never lets change: an object that is to have another value is another object. */
const immutable = {
  'apps/Deployment': ['spec.selector'],
  'apps/ReplicaSet': ['spec.selector'],
  'apps/DaemonSet': ['spec.selector'],
  'apps/StatefulSet': ['spec.selector', 'spec.serviceName', 'spec.podManagementPolicy', 'spec.volumeClaimTemplates'],
  'batch/Job': [
    'spec.selector',
    'spec.template',
    'spec.completionMode',
    'spec.manualSelector',
    'spec.podFailurePolicy',
  ],
  '/Service': ['spec.clusterIP', 'spec.clusterIPs'],
  '/PersistentVolume': [
    ...['awsElasticBlockStore', 'csi', 'fc', 'hostPath', 'iscsi', 'local', 'nfs', 'nodeAffinity', 'volumeMode'].map(
      (source) => `spec.${source}`,
    ),
  ],
  '/PersistentVolumeClaim': [
    ...['accessModes', 'dataSource', 'dataSourceRef', 'selector', 'storageClassName', 'volumeMode', 'volumeName'].map(
      (field) => `spec.${field}`,
    ),
  ],
  '/Secret': ['type'],
  '/ConfigMap': [],
  '/Pod': ['spec.nodeName', 'spec.serviceAccountName', 'spec.volumes', 'spec.securityContext', 'spec.restartPolicy'],
  'storage.k8s.io/StorageClass': ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'],
  'storage.k8s.io/CSIDriver': ['spec.attachRequired'],
  'rbac.authorization.k8s.io/RoleBinding': ['roleRef'],
  'rbac.authorization.k8s.io/ClusterRoleBinding': ['roleRef'],
  'scheduling.k8s.io/PriorityClass': ['value', 'preemptionPolicy'],
  'node.k8s.io/RuntimeClass': ['handler'],
  'apiextensions.k8s.io/CustomResourceDefinition': ['spec.scope', 'spec.group', 'spec.names.plural'],
} as const satisfies Record<string, readonly string[]>

const table: ReadonlyMap<string, readonly Path[]> = new Map(
  Object.entries(immutable).map(([kind, paths]) => [kind, paths.map(parse)]),
)
const always = named.map(parse)

/** The changes that only another object can have, by what is known of the kind. */
export function replacing({ apiVersion, kind }: Kind, changed: readonly Change[]): Change[] {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const fixed = [...always, ...(table.get(`${group}/${kind}`) ?? [])]
  return changed.filter(({ path }) => fixed.some((field) => begins(path, field) || begins(field, path)))
}

const refusals = [
  /field is immutable/i,
  /updates to \w+ spec for fields other than/i,
  /may not (?:be changed|change)/i,
  /cannot change/i,
]

/** Whether the server refuses a change for good, which it knows of more kinds than the table (a ConfigMap marked immutable, say). */
export function refusedForGood(error: ApiError): boolean {
  if (error.status !== 422) return false
  const said = error.causes.length > 0 ? error.causes.map((cause) => cause.message) : [error.message]
  return said.every((message) => refusals.some((refusal) => refusal.test(message)))
}

/** The fields that the refusal names, as property paths; those that are none are left out. */
export function refusedFields(error: ApiError): Path[] {
  return error.causes.flatMap(({ field }) => {
    try {
      return field === '' ? [] : [parse(field)]
    } catch {
      return []
    }
  })
}
