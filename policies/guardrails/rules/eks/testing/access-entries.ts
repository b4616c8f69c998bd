import { cloud, type Fixture } from '../../../testing/fixture.ts'

const cluster = (accessConfig: object) => [cloud('eks/cluster:Cluster', 'main', { accessConfig })]

export const fixture: Fixture = {
  good: [cluster({ authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false })],
  bad: [
    {
      resources: cluster({ authenticationMode: 'CONFIG_MAP', bootstrapClusterCreatorAdminPermissions: false }),
      says: ["accessConfig.authenticationMode should be 'API'; it is 'CONFIG_MAP'."],
    },
    {
      resources: cluster({ authenticationMode: 'API' }),
      says: ['accessConfig.bootstrapClusterCreatorAdminPermissions should be false; it is not set.'],
    },
  ],
}
