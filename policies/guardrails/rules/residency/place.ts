import { type Guardrail, violation } from '../../model/guardrail.ts'
import { kindOf } from '../../model/kubernetes.ts'
import { at, type GuardedResource, unknown } from '../../model/resource.ts'

const labels = { Region: 'neurodefender.io/region', Jurisdiction: 'neurodefender.io/jurisdiction' } as const

/** A tag of the cloud, or the label that says the same of an object of Kubernetes. */
const told = (resource: GuardedResource, tag: keyof typeof labels): unknown =>
  kindOf(resource) === undefined
    ? at(resource.props, 'tags', tag)
    : at(resource.props, 'metadata', 'labels', labels[tag])

const isText = (value: unknown): value is string => typeof value === 'string' && value !== unknown

export const residentPlace: Guardrail = {
  name: 'residency-place',
  title: 'Data lies where its law allows, and says so truly',
  severity: 'critical',
  frameworks: [],
  remediation: 'Take tags and labels from the scope; place the data class in a region whose jurisdiction it names.',
  scope: 'resource',
  judges: 'manifest',
  find: (resources, { policies }) =>
    resources.flatMap((resource) => {
      const region = told(resource, 'Region')
      const said = told(resource, 'Jurisdiction')
      if (!isText(region) || !policies.regions[region]) return []
      const { jurisdiction } = policies.regions[region]
      const dataClass = at(resource.props, 'tags', 'DataClass')
      const allowed = isText(dataClass) ? policies.objectives.dataClasses[dataClass]?.jurisdictions : undefined
      return [
        ...(isText(said) && said !== jurisdiction
          ? [
              violation(
                resource,
                [],
                `The jurisdiction should be '${jurisdiction}', that of ${region}, and not '${said}'.`,
              ),
            ]
          : []),
        ...(allowed && !allowed.includes(jurisdiction)
          ? [
              violation(
                resource,
                ['tags', 'DataClass'],
                `Data of the class '${String(dataClass)}' should not lie in ${region}, where the law of '${jurisdiction}' holds; allowed: ${allowed.join(', ')}.`,
              ),
            ]
          : []),
      ]
    }),
}
