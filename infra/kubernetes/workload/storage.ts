import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { nodeOf } from '../names.ts'

/** Storage class of the volumes that are folders of the node. */
export const localClass = 'local'

export const storageClass = ({ context }: ChartScope): string =>
  context.cluster.kind === 'embedded' ? localClass : context.cluster.storageClass

/** The claim that every pod of a StatefulSet gets its own of. */
export const dataClaim = (scope: ChartScope, storage: string): k8s.KubePersistentVolumeClaimProps => ({
  metadata: { name: 'data' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: storageClass(scope),
    resources: { requests: { storage: k8s.Quantity.fromString(storage) } },
  },
})

/** On the embedded node, a folder for each pod, kept for that pod's claim alone. */
export function localVolumes(
  construct: Construct,
  scope: ChartScope,
  service: string,
  replicas: number,
  storage: string,
): void {
  const { cluster } = scope.context
  if (cluster.kind !== 'embedded') return
  const { namespace } = nodeOf(scope, service)
  for (let ordinal = 0; ordinal < replicas; ordinal++) {
    const name = `${service}-${ordinal}`
    new k8s.KubePersistentVolume(construct, `volume-${ordinal}`, {
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: k8s.Quantity.fromString(storage) },
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: localClass,
        volumeMode: 'Filesystem',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: `data-${name}` },
        local: { path: `${cluster.volumes}/${name}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [cluster.nodeName] }] },
            ],
          },
        },
      },
    })
  }
}
