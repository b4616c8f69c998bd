import { cloud, type Fixture } from '../../../testing/fixture.ts'

const vpc = cloud('ec2/vpc:Vpc', 'main', { cidrBlock: '10.33.0.0/16' })
const other = cloud('ec2/vpc:Vpc', 'other', { cidrBlock: '10.34.0.0/16' })
const log = (trafficType: string) => cloud('ec2/flowLog:FlowLog', 'main', { trafficType }, { needs: [vpc] })

export const fixture: Fixture = {
  good: [[vpc, log('ALL')]],
  bad: [
    { resources: [vpc, other, log('ALL')], says: ['The network should have a FlowLog.'] },
    { resources: [vpc, log('REJECT')], says: ["trafficType should be 'ALL'; it is 'REJECT'."] },
  ],
}
