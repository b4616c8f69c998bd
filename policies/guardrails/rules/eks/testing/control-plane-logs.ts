import { cloud, type Fixture } from '../../../testing/fixture.ts'

const cluster = (enabledClusterLogTypes?: readonly string[]) => [
  cloud('eks/cluster:Cluster', 'main', { enabledClusterLogTypes }),
]

export const fixture: Fixture = {
  good: [cluster(['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'])],
  bad: [
    {
      resources: cluster(['api', 'authenticator', 'controllerManager', 'scheduler']),
      says: ['enabledClusterLogTypes should also hold audit.'],
    },
    {
      resources: cluster(),
      says: ['enabledClusterLogTypes should also hold api, audit, authenticator, controllerManager, scheduler.'],
    },
  ],
}
