import { headroom } from '../../../checks/headroom.ts'
import type { Guardrail } from '../../model/guardrail.ts'
import { asDeployed } from './deployed.ts'

export const warmHeadroom: Guardrail = {
  name: 'warm-headroom',
  title: 'One step of scaling finds room without waiting for a machine',
  severity: 'medium',
  frameworks: [],
  remediation: 'Raise the pods of the headroom in policies/cloud.ts, or scale in smaller steps.',
  scope: 'stack',
  judges: 'program',
  find: asDeployed(headroom),
}
