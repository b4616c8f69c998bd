import { autoscalingQuota } from '../../../checks/quota.ts'
import type { Guardrail } from '../../model/guardrail.ts'
import { asDeployed } from './deployed.ts'

export const autoscalingWithinQuota: Guardrail = {
  name: 'autoscaling-within-quota',
  title: 'All services at their most replicas fit into the quota',
  severity: 'high',
  frameworks: [],
  remediation: 'Lower max_replicas or the size, or raise the quota of the environment in policies/environments.ts.',
  scope: 'stack',
  judges: 'program',
  find: asDeployed(autoscalingQuota),
}
