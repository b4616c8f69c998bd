import { type Guardrail, violation } from '../../model/guardrail.ts'
import { at, isGiven, unknown } from '../../model/resource.ts'
import { untaggable } from './untaggable.ts'

/** Who pays, for what, and which law holds. */
const wanted = ['Project', 'Environment', 'Component', 'CostCentre', 'Jurisdiction']

export const costTags: Guardrail = {
  name: 'cost-tags',
  title: 'Every resource says who pays for it',
  severity: 'medium',
  frameworks: [],
  remediation: "Take the tags from tags(scope, component); a type that has no tags belongs into the rule's list.",
  scope: 'resource',
  judges: 'program',
  find: (resources, { environment, policies }) =>
    resources
      .filter(({ type }) => type.startsWith('aws:') && !untaggable.has(type))
      .flatMap((resource) => {
        const tags = at(resource.props, 'tags')
        if (tags === unknown) return []
        const missing = wanted.filter((key) => !isGiven(at(tags, key)))
        const payer = policies.cloud[environment]?.costCentre
        const paid = at(tags, 'CostCentre')
        if (missing.length > 0) return [violation(resource, ['tags'], `tags should also hold ${missing.join(', ')}.`)]
        return payer !== undefined && paid !== payer && paid !== unknown
          ? [
              violation(
                resource,
                ['tags', 'CostCentre'],
                `tags.CostCentre should be '${payer}', who pays for ${environment}.`,
              ),
            ]
          : []
      }),
}
