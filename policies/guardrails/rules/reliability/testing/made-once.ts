import { cloud, type Fixture, object } from '../../../testing/fixture.ts'

const map = (place: string, version = 'v1') => object(version, 'ConfigMap', place)
const says = ['The object should be made once; another resource of the stack makes it too.']

export const fixture: Fixture = {
  good: [
    [map('siem/a'), { ...map('siem/a'), name: 'other', urn: 'urn:other', provider: 'urn:another-cluster' }],
    [map('siem/a'), map('siem/b'), map('data/a'), cloud('s3/bucket:Bucket', 'a'), cloud('kms/key:Key', 'a')],
  ],
  bad: [
    { resources: [map('siem/a'), map('siem/a')], says },
    { resources: [map('siem/a'), { ...map('siem/a'), name: 'other', urn: 'urn:other' }], says },
    { resources: [cloud('s3/bucket:Bucket', 'a'), cloud('s3/bucket:Bucket', 'a')], says },
  ],
}
