import { type Guardrail, violation } from '../../model/guardrail.ts'
import { groupOf, kindOf, namespaceOf, objectName } from '../../model/kubernetes.ts'
import type { GuardedResource } from '../../model/resource.ts'

/** What no two resources of a stack may share: their URN and, of an object of Kubernetes, its place in the cluster that its provider reaches. */
const identities = (resource: GuardedResource): readonly string[] => {
  const kind = kindOf(resource)
  const name = objectName(resource)
  const place =
    kind && name ? [`${resource.provider ?? ''} ${groupOf(resource)} ${kind} ${namespaceOf(resource)}/${name}`] : []
  return [resource.urn, ...place]
}

export const madeOnce: Guardrail = {
  name: 'made-once',
  title: 'Every object has one writer',
  severity: 'high',
  frameworks: [],
  remediation: 'Take one of the two away: the engine refuses a name twice, and two writers would undo each other.',
  scope: 'stack',
  judges: 'manifest',
  find: (resources) => {
    const seen = new Set<string>()
    return resources.flatMap((resource) => {
      const own = identities(resource)
      const twice = own.some((identity) => seen.has(identity))
      for (const identity of own) seen.add(identity)
      return twice
        ? [violation(resource, [], 'The object should be made once; another resource of the stack makes it too.')]
        : []
    })
  },
}
