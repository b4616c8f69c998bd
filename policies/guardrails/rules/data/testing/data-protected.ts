import { cloud, type Fixture, object } from '../../../testing/fixture.ts'

const bucket = (protect: boolean, retainOnDelete: boolean) =>
  cloud('s3/bucket:Bucket', 'cold', {}, { protect, retainOnDelete })
const set = (protect: boolean, volumeClaimTemplates: readonly object[] = [{}]) =>
  object('apps/v1', 'StatefulSet', 'data/kafka', { spec: { volumeClaimTemplates } }, { protect, retainOnDelete: false })

export const fixture: Fixture = {
  good: [[bucket(true, true), set(true)], [set(false, [])]],
  bad: [
    { resources: [bucket(false, true)], says: ['The resource should be made with protect: true.'] },
    { resources: [bucket(true, false)], says: ['The resource should be made with retainOnDelete: true.'] },
    { resources: [set(false)], says: ['The resource should be made with protect: true.'] },
  ],
}
