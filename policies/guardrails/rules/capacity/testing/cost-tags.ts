import { cloud, type Fixture } from '../../../testing/fixture.ts'

const all = {
  Project: 'neurodefender',
  Environment: 'prod',
  Component: 'network',
  CostCentre: 'platform',
  Jurisdiction: 'us',
}
const vpc = (tags?: object) => [cloud('ec2/vpc:Vpc', 'main', { tags })]

export const fixture: Fixture = {
  good: [vpc(all), [cloud('ec2/route:Route', 'out')]],
  bad: [
    { resources: vpc(), says: ['tags should also hold Project, Environment, Component, CostCentre, Jurisdiction.'] },
    { resources: vpc({ ...all, CostCentre: '' }), says: ['tags should also hold CostCentre.'] },
    {
      resources: vpc({ ...all, CostCentre: 'platform-staging' }),
      says: ["tags.CostCentre should be 'platform', who pays for prod."],
    },
  ],
}
