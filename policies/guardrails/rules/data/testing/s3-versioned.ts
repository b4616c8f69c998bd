import { cloud, type Fixture } from '../../../testing/fixture.ts'

const bucket = cloud('s3/bucket:Bucket', 'cold')
const other = cloud('s3/bucket:Bucket', 'audit')
const versioning = (status: string) =>
  cloud('s3/bucketVersioning:BucketVersioning', 'cold', { versioningConfiguration: { status } }, { needs: [bucket] })

export const fixture: Fixture = {
  good: [[bucket, versioning('Enabled')]],
  bad: [
    { resources: [bucket, other, versioning('Enabled')], says: ['The bucket should have a BucketVersioning.'] },
    {
      resources: [bucket, versioning('Suspended')],
      says: ["versioningConfiguration.status should be 'Enabled'; it is 'Suspended'."],
    },
  ],
}
