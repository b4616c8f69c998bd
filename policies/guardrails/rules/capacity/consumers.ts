import { consumers } from '../../../checks/consumers.ts'
import type { Guardrail } from '../../model/guardrail.ts'
import { asDeployed } from './deployed.ts'

export const consumersWithinPartitions: Guardrail = {
  name: 'consumers-within-partitions',
  title: 'No replica waits for a partition that is not there',
  severity: 'high',
  frameworks: [],
  remediation: 'Lower max_replicas of the row in policies/scaling.ts; partitions are never grown in place.',
  scope: 'stack',
  judges: 'program',
  find: asDeployed(consumers),
}
