import { autoscalers, workloadKey } from '../../model/autoscaler.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'
import { kindOf, namespaceOf, objectName } from '../../model/kubernetes.ts'
import { at } from '../../model/resource.ts'

const field = 'spec.replicas'

export const replicasOwned: Guardrail = {
  name: 'replicas-owned',
  title: 'A deployment does not undo what the autoscaler did',
  severity: 'high',
  frameworks: [],
  remediation: `Make the workload with ignoreChanges: ['${field}'], or without replicas.`,
  scope: 'stack',
  judges: 'program',
  find: (resources) => {
    const owned = new Set(autoscalers(resources).map(({ target }) => target))
    return resources
      .filter((one) => owned.has(workloadKey(kindOf(one) ?? '', namespaceOf(one), objectName(one))))
      .filter(({ props }) => at(props, 'spec', 'replicas') !== undefined)
      .filter(({ ignoreChanges }) => ignoreChanges !== undefined && !ignoreChanges.includes(field))
      .map((one) => violation(one, ['spec', 'replicas'], `${field} should be in ignoreChanges: an autoscaler owns it.`))
  },
}
