import { type Guardrail, should } from '../../model/guardrail.ts'
import { ofKind } from '../../model/kubernetes.ts'
import { at, isGiven } from '../../model/resource.ts'

const policy = ['spec', 'persistentVolumeClaimRetentionPolicy'] as const

export const volumesKept: Guardrail = {
  name: 'volumes-kept',
  title: 'A volume outlives the pods that filled it',
  severity: 'critical',
  frameworks: [],
  remediation:
    "Leave persistentVolumeClaimRetentionPolicy at 'Retain', and set the StorageClass's reclaimPolicy to 'Retain'.",
  scope: 'resource',
  judges: 'manifest',
  find: (resources) => [
    ...ofKind(resources, 'StatefulSet')
      .filter(({ props }) => isGiven(at(props, 'spec', 'volumeClaimTemplates')))
      .flatMap((set) =>
        ['whenDeleted', 'whenScaled'].flatMap((when) =>
          // Absent means 'Retain'.
          should(set, [...policy, when], (value) => value === 'Retain' || !isGiven(value), "'Retain'"),
        ),
      ),
    ...ofKind(resources, 'StorageClass').flatMap((storage) =>
      // Absent means 'Delete'.
      should(storage, ['reclaimPolicy'], (value) => value === 'Retain', "'Retain'"),
    ),
    ...ofKind(resources, 'PersistentVolume').flatMap((volume) =>
      should(
        volume,
        ['spec', 'persistentVolumeReclaimPolicy'],
        (value) => value === 'Retain' || !isGiven(value),
        "'Retain'",
      ),
    ),
  ],
}
