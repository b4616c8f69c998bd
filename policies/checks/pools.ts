import { demands, poolUse } from '../capacity.ts'
import { instances } from '../model/instances.ts'
import { bytes, millicores } from '../model/units.ts'
import { type Broken, type Check, unless } from './check.ts'

export const pools: Check = {
  rule: 'pools-within-limits',
  purpose: 'pods beyond what a pool or the account may start stay pending exactly when load is highest',
  find: (policies) =>
    Object.entries(policies.cloud).flatMap(([environment, { kubernetes, serviceQuotas }]): Broken[] => {
      const path = `cloud.${environment}`
      const most = poolUse(policies, environment, 'max')
      const situation = 'all services at their most replicas, with their warm headroom'
      const kinds = Object.entries(kubernetes.pools).flatMap(([pool, { instances: names, architecture }]) =>
        names.flatMap((name, i) =>
          unless(
            instances[name]?.architecture === architecture,
            `${path}.kubernetes.pools.${pool}.instances.${i}`,
            name,
            `must be a type that policies/model/instances.ts knows, of the architecture ${architecture}.`,
            environment,
          ),
        ),
      )
      const homeless = demands(policies, environment, 'max')
        .filter(({ instance }) => instance === undefined)
        .flatMap(({ service, pool }) =>
          unless(
            false,
            `environments.${environment}.sizes.${service}`,
            policies.environments[environment]?.sizes[service],
            `must fit on one machine of the pool '${pool}'.`,
            environment,
          ),
        )
      const limits = most.flatMap(({ pool, vcpu, bytes: memory, gpus }) => {
        const at = `${path}.kubernetes.pools.${pool}.limits`
        const { cpu, memory: may, gpu } = kubernetes.pools[pool].limits
        const says = (need: string): string => `must be at least ${need}: ${situation}.`
        return [
          ...unless(millicores(cpu) >= vcpu * 1_000, `${at}.cpu`, cpu, says(`${vcpu}`), environment),
          ...unless(bytes(may) >= memory, `${at}.memory`, may, says(`${Math.ceil(memory / 2 ** 30)}Gi`), environment),
          ...unless((gpu ?? 0) >= gpus, `${at}.gpu`, gpu, says(`${gpus}`), environment),
        ]
      })
      const { general, gpu, data } = kubernetes.pools
      const system = (instances[kubernetes.system.instance]?.vcpu ?? 0) * kubernetes.system.count
      const standard = (millicores(general.limits.cpu) + millicores(data.limits.cpu)) / 1_000 + system
      const accelerated = millicores(gpu.limits.cpu) / 1_000
      const quota = (leaf: 'standardVcpu' | 'gpuVcpu', need: number): Broken[] =>
        unless(
          serviceQuotas[leaf] >= need,
          `${path}.serviceQuotas.${leaf}`,
          serviceQuotas[leaf],
          `must be at least ${need}: the pools may start as many. Ask AWS for a larger quota first, or lower the pools' limits.`,
          environment,
        )
      return [...kinds, ...homeless, ...limits, ...quota('standardVcpu', standard), ...quota('gpuVcpu', accelerated)]
    }),
}
