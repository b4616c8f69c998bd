import { type Guardrail, should, violation } from '../../model/guardrail.ts'
import { refersTo } from '../../model/resource.ts'

const ofVpc = 'aws:ec2/vpc:Vpc'
const ofLog = 'aws:ec2/flowLog:FlowLog'

export const flowLogs: Guardrail = {
  name: 'vpc-flow-logs',
  title: 'Every network writes down who talked to whom',
  severity: 'high',
  frameworks: ['AWS FSBP EC2.6'],
  remediation: "Give the Vpc a FlowLog of trafficType 'ALL'.",
  scope: 'stack',
  judges: 'program',
  find: (resources) => {
    const logs = resources.filter(({ type }) => type === ofLog)
    const silent = resources
      .filter(({ type }) => type === ofVpc)
      .filter((vpc) => !logs.some((log) => refersTo(log, vpc)))
    return [
      ...silent.map((vpc) => violation(vpc, [], 'The network should have a FlowLog.')),
      ...logs.flatMap((log) => should(log, ['trafficType'], (type) => type === 'ALL', "'ALL'")),
    ]
  },
}
