import type { Policies } from '../../../bundle.ts'
import { type Check, findings } from '../../../checks/check.ts'
import type { NodePoolPolicy } from '../../../model/cloud.ts'
import { rowOf } from '../../../model/scaling.ts'
import type { Size } from '../../../model/service.ts'
import { autoscalers } from '../../model/autoscaler.ts'
import type { Facts, Find, Violation } from '../../model/guardrail.ts'
import { headroomFor } from '../../model/headroom.ts'
import { kindOf, namespaceOf, objectName, ofKind, podsOf, quantity } from '../../model/kubernetes.ts'
import { at, type GuardedResource, items } from '../../model/resource.ts'

/** The policies as the resources say them, so that a check of policies can judge what is deployed. */
export interface Deployed {
  readonly policies: Policies
  /** What said it, by the path that it stands at in the policies. */
  readonly sources: ReadonlyMap<string, GuardedResource>
}

type Tree = Record<string, unknown>

/** Reads scaling bounds, sizes of pods and limits of node pools from objects of Kubernetes. */
function deployed(resources: readonly GuardedResource[], { policies, environment }: Facts): Deployed {
  const copy = JSON.parse(JSON.stringify(policies)) as Policies
  const sources = new Map<string, GuardedResource>()
  const isOurs = (resource: GuardedResource, service: string): boolean =>
    policies.services[service]?.namespace === namespaceOf(resource)
  for (const { resource, target, min, max } of autoscalers(resources)) {
    // What it scales may be a resource of an operator with a name of its own.
    const names = [
      objectName(resource),
      target.split('/')[1] ?? '',
      kindOf(resource) === 'MLInference' ? 'ml-inference' : '',
    ]
    const service = names.find((name) => policies.services[name]) ?? ''
    const row = rowOf(service)
    const actions = copy.scaling[row]?.actions as Tree | undefined
    if (!actions || !isOurs(resource, service) || Number.isNaN(min + max)) continue
    Object.assign(actions, { min_replicas: min, max_replicas: max })
    sources.set(`scaling.${row}`, resource)
  }
  for (const spare of ofKind(resources, 'Deployment')) {
    const service = headroomFor(spare) ?? ''
    const headroom = copy.cloud[environment]?.kubernetes.headroom[service] as Tree | undefined
    const pods = Number(at(spare.props, 'spec', 'replicas') ?? 1)
    if (!headroom || Number.isNaN(pods)) continue
    Object.assign(headroom, { pods })
    sources.set(`cloud.${environment}.kubernetes.headroom.${service}`, spare)
  }
  for (const workload of [...ofKind(resources, 'Deployment'), ...ofKind(resources, 'StatefulSet')]) {
    const service = objectName(workload)
    const size = copy.environments[environment]?.sizes[service] as (Size & Tree) | undefined
    const requests = at(items(at(podsOf(workload)[0]?.spec, 'containers'))[0], 'resources', 'requests')
    const [cpu, memory] = [quantity(at(requests, 'cpu')), quantity(at(requests, 'memory'))]
    if (!size || !isOurs(workload, service) || Number.isNaN(cpu + memory)) continue
    Object.assign(size, { cpu: `${Math.ceil(cpu * 1_000)}m`, memory: `${Math.ceil(memory / 2 ** 20)}Mi` })
    sources.set(`environments.${environment}.sizes.${service}`, workload)
  }
  for (const pool of ofKind(resources, 'NodePool')) {
    const pools = copy.cloud[environment]?.kubernetes.pools as Readonly<Record<string, NodePoolPolicy>> | undefined
    const limits = pools?.[objectName(pool)]?.limits as Tree | undefined
    const said = at(pool.props, 'spec', 'limits')
    if (!limits || said === undefined) continue
    const [cpu, memory, gpu] = ['cpu', 'memory', 'nvidia.com/gpu'].map((name) => at(said, name))
    const [cores, bytes, gpus] = [quantity(cpu), quantity(memory), gpu === undefined ? undefined : quantity(gpu)]
    if (Number.isNaN(cores + bytes + (gpus ?? 0))) continue
    Object.assign(limits, {
      cpu: `${cores}`,
      memory: `${Math.floor(bytes / 2 ** 20)}Mi`,
      ...(gpus === undefined ? {} : { gpu: gpus }),
    })
    sources.set(`cloud.${environment}.kubernetes.pools.${objectName(pool)}`, pool)
  }
  return { policies: copy, sources }
}

/** What a check of policies says of what is deployed, at the resource that says it; silent where no resource says anything. */
export const asDeployed =
  (check: Check): Find =>
  (resources, facts): readonly Violation[] => {
    const { policies, sources } = deployed(resources, facts)
    const [first] = sources.values()
    if (!first) return []
    return findings(check, policies)
      .filter(({ environment }) => environment === undefined || environment === facts.environment)
      .map(({ path, message }) => {
        const own = [...sources].find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`))
        return { urn: (own?.[1] ?? first).urn, path, message: `As deployed, ${message}` }
      })
  }
