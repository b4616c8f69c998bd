import { type Fixture, object } from '../../../testing/fixture.ts'

const set = (whenDeleted?: string) =>
  object('apps/v1', 'StatefulSet', 'data/kafka', {
    spec: { volumeClaimTemplates: [{}], persistentVolumeClaimRetentionPolicy: { whenDeleted } },
  })
const storage = (reclaimPolicy?: string) => object('storage.k8s.io/v1', 'StorageClass', 'gp3', { reclaimPolicy })

export const fixture: Fixture = {
  good: [[set('Retain'), storage('Retain')], [set()]],
  bad: [
    {
      resources: [set('Delete')],
      says: ["spec.persistentVolumeClaimRetentionPolicy.whenDeleted should be 'Retain'; it is 'Delete'."],
    },
    {
      resources: [object('elasticsearch.k8s.elastic.co/v1', 'Elasticsearch', 'data/elasticsearch', { spec: {} })],
      says: ["spec.volumeClaimDeletePolicy should be 'DeleteOnScaledownOnly'; it is not set."],
    },
    {
      resources: [
        object('clickhouse.altinity.com/v1', 'ClickHouseInstallation', 'data/us-east-1', {
          spec: { templates: { volumeClaimTemplates: [{ name: 'data', reclaimPolicy: 'Delete' }] } },
        }),
      ],
      says: ["spec.templates.volumeClaimTemplates[0].reclaimPolicy should be 'Retain'; it is 'Delete'."],
    },
    { resources: [storage()], says: ["reclaimPolicy should be 'Retain'; it is not set."] },
    {
      resources: [object('v1', 'PersistentVolume', 'disk', { spec: { persistentVolumeReclaimPolicy: 'Delete' } })],
      says: ["spec.persistentVolumeReclaimPolicy should be 'Retain'; it is 'Delete'."],
    },
  ],
}
