import { pools } from '../../../checks/pools.ts'
import type { Guardrail } from '../../model/guardrail.ts'
import { asDeployed } from './deployed.ts'

export const podsWithinPools: Guardrail = {
  name: 'pods-within-node-pools',
  title: 'All services at their most replicas fit onto the machines that may start',
  severity: 'high',
  frameworks: [],
  remediation:
    'Lower max_replicas or the size, or raise the limits of the pool in policies/cloud.ts and the quotas of the account.',
  scope: 'stack',
  judges: 'program',
  find: asDeployed(pools),
}
