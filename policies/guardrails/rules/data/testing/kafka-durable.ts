import { cloud, type Fixture } from '../../../testing/fixture.ts'

const cluster = (numberOfBrokerNodes: number) => cloud('msk/cluster:Cluster', 'kafka', { numberOfBrokerNodes })
const configuration = (copies: number, inSync: number, more = '') =>
  cloud('msk/configuration:Configuration', 'kafka', {
    serverProperties: `default.replication.factor = ${copies}\nmin.insync.replicas=${inSync}\n${more}`,
  })

export const fixture: Fixture = {
  good: [[cluster(3), configuration(3, 2, 'unclean.leader.election.enable=false')]],
  bad: [
    { resources: [cluster(2)], says: ['numberOfBrokerNodes should be at least 3; it is 2.'] },
    {
      resources: [configuration(2, 1)],
      says: [
        'default.replication.factor should be at least 3; it is 2.',
        'min.insync.replicas should be at least 2; it is 1.',
      ],
    },
    {
      resources: [configuration(3, 3, 'unclean.leader.election.enable=true')],
      says: [
        'min.insync.replicas should be below the 3 copies, or no broker can be restarted; it is 3.',
        'unclean.leader.election.enable should be false: a broker that missed records must not lead.',
      ],
    },
  ],
}
