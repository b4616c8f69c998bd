import type { GuardedResource } from '../../../model/resource.ts'
import { object } from '../../../testing/fixture.ts'

/** A ScaledObject of one of our services. */
export const scaled = (service: string, max: number, min = 2): GuardedResource =>
  object('keda.sh/v1alpha1', 'ScaledObject', `siem/${service}`, {
    spec: { scaleTargetRef: { kind: 'Deployment', name: service }, minReplicaCount: min, maxReplicaCount: max },
  })
