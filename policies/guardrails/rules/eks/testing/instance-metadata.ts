import { cloud, type Fixture, object } from '../../../testing/fixture.ts'

const required = { httpTokens: 'required', httpPutResponseHopLimit: 1 }
const template = (metadataOptions?: object) => cloud('ec2/launchTemplate:LaunchTemplate', 'system', { metadataOptions })
const nodeClass = (metadataOptions?: object) =>
  object('karpenter.k8s.aws/v1', 'EC2NodeClass', 'general', { spec: { metadataOptions } })

export const fixture: Fixture = {
  good: [[template(required), nodeClass(required)]],
  bad: [
    {
      resources: [template({ httpTokens: 'optional', httpPutResponseHopLimit: 1 })],
      says: ["metadataOptions.httpTokens should be 'required'; it is 'optional'."],
    },
    {
      resources: [nodeClass({ ...required, httpPutResponseHopLimit: 2 })],
      says: ['spec.metadataOptions.httpPutResponseHopLimit should be 1; it is 2.'],
    },
    {
      resources: [template()],
      says: [
        "metadataOptions.httpTokens should be 'required'; it is not set.",
        'metadataOptions.httpPutResponseHopLimit should be 1; it is not set.',
      ],
    },
  ],
}
