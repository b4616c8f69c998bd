import type { Policies } from '../bundle.ts'
import { managedByCloud, surge } from '../capacity.ts'
import type { EnvironmentPolicy } from '../model/environment.ts'
import { rowOf } from '../model/scaling.ts'
import { bytes, millicores } from '../model/units.ts'
import { type ReplicaBounds, replicaBounds } from '../replicas.ts'
import { type Broken, type Check, unless } from './check.ts'

type Pods = (bounds: ReplicaBounds, surge: number) => number

/** Pods of a region that are no services. */
const ground = ({ dns, mesh }: EnvironmentPolicy) => [
  ...(dns ? [{ ...dns, pods: 1 }] : []),
  ...(mesh
    ? [
        { ...mesh.control, pods: 1 },
        { ...mesh.gateway, pods: mesh.gateways },
      ]
    : []),
]

/** What all pods of a region ask for together, when each service has as many as `pods` says. */
function demand(policies: Policies, name: string, environment: EnvironmentPolicy, pods: Pods) {
  const need = { millicores: 0, bytes: 0 }
  const ours = Object.entries(environment.sizes).filter(
    ([service]) => !policies.cloud[name] || !managedByCloud.includes(service),
  )
  const sizes = ours.map(([service, size]) => ({
    ...size,
    pods: pods(
      replicaBounds(policies, environment, service),
      surge(size, policies.scaling[rowOf(service)] !== undefined),
    ),
  }))
  for (const size of [...sizes, ...ground(environment)]) {
    need.millicores += size.pods * millicores(size.cpu)
    need.bytes += size.pods * bytes(size.memory)
  }
  return need
}

function within(policies: Policies, pods: Pods, situation: string): Broken[] {
  return Object.entries(policies.environments).flatMap(([environment, policy]): Broken[] => {
    const path = `environments.${environment}.quota`
    const { cpu, memory } = policy.quota
    const need = demand(policies, environment, policy, pods)
    const least = { cpu: `${Math.ceil(need.millicores)}m`, memory: `${Math.ceil(need.bytes / 2 ** 20)}Mi` }
    const says = (amount: string): string => `must be at least ${amount}: ${situation}.`
    return [
      ...unless(millicores(cpu) >= need.millicores, `${path}.cpu`, cpu, says(least.cpu), environment),
      ...unless(bytes(memory) >= need.bytes, `${path}.memory`, memory, says(least.memory), environment),
    ]
  })
}

export const quota: Check = {
  rule: 'pods-within-quota',
  purpose: 'a pod beyond the quota is refused, and its service never starts',
  find: (policies) => within(policies, ({ min }) => min, 'all services at their fewest replicas'),
}

export const autoscalingQuota: Check = {
  rule: 'autoscaling-within-quota',
  bindable: true,
  purpose: 'a pod beyond the quota is refused exactly when load is highest',
  find: (policies) =>
    within(
      policies,
      ({ max }, more) => max + more,
      'all services at their most replicas, and one more of each that keeps nothing while a rollout replaces them',
    ),
}
