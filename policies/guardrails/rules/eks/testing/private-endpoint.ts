import { cloud, type Fixture } from '../../../testing/fixture.ts'

const cluster = (vpcConfig: object) => [cloud('eks/cluster:Cluster', 'main', { vpcConfig })]

export const fixture: Fixture = {
  good: [cluster({ endpointPublicAccess: false, endpointPrivateAccess: true })],
  bad: [
    {
      resources: cluster({ endpointPublicAccess: true, endpointPrivateAccess: true }),
      says: ['vpcConfig.endpointPublicAccess should be false; it is true.'],
    },
    {
      resources: cluster({}),
      says: [
        'vpcConfig.endpointPublicAccess should be false; it is not set.',
        'vpcConfig.endpointPrivateAccess should be true; it is not set.',
      ],
    },
  ],
}
