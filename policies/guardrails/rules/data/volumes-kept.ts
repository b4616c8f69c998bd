import { type Guardrail, should, shouldBe } from '../../model/guardrail.ts'
import { ofKind } from '../../model/kubernetes.ts'
import { at, isGiven, items } from '../../model/resource.ts'

const policy = ['spec', 'persistentVolumeClaimRetentionPolicy'] as const

export const volumesKept: Guardrail = {
  name: 'volumes-kept',
  title: 'A volume outlives the pods that filled it',
  severity: 'critical',
  frameworks: [],
  remediation:
    "Leave persistentVolumeClaimRetentionPolicy at 'Retain', and set the StorageClass's reclaimPolicy to 'Retain'.",
  scope: 'resource',
  judges: 'program',
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
    ...ofKind(resources, 'Elasticsearch').flatMap((cluster) =>
      // Absent means that all volumes go with the cluster.
      should(
        cluster,
        ['spec', 'volumeClaimDeletePolicy'],
        (value) => value === 'DeleteOnScaledownOnly',
        "'DeleteOnScaledownOnly'",
      ),
    ),
    ...ofKind(resources, 'ClickHouseInstallation').flatMap((installation) =>
      items(at(installation.props, 'spec', 'templates', 'volumeClaimTemplates')).flatMap((_, i) =>
        shouldBe(installation, ['spec', 'templates', 'volumeClaimTemplates', i, 'reclaimPolicy'], 'Retain'),
      ),
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
