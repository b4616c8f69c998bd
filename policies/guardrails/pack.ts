import { type EnforcementLevel, type Policies, PolicyPack, type ReportViolation } from '@pulumi/policy'
import { policies } from '../bundle.ts'
import { guardedResource } from './adapter.ts'
import { applies, exempted, exemptionRule, stops, troubles } from './judge.ts'
import type { Facts, Guardrail } from './model/guardrail.ts'
import type { GuardedResource } from './model/resource.ts'
import { placeOf } from './place.ts'
import { guardrails } from './rules/index.ts'

// The engine says which stack it works on; without it the strictest environment judges.
const place = placeOf(process.env.PULUMI_NODEJS_STACK ?? process.env.PULUMI_STACK ?? '', policies)
const facts: Facts = { policies, ...place }

const level = (rule: Guardrail): EnforcementLevel =>
  applies(rule, facts) ? (stops(rule, facts) ? 'mandatory' : 'advisory') : 'disabled'

function report(rule: Guardrail, resources: readonly GuardedResource[], tell: ReportViolation): void {
  for (const { urn, message } of rule.find(resources, facts)) {
    const resource = resources.find((one) => one.urn === urn)
    if (!resource || !exempted(rule.name, resource, facts.environment)) tell(`${message} ${rule.remediation}`, urn)
  }
}

const described = (rule: Guardrail) => ({
  name: rule.name,
  displayName: rule.title,
  description: `${rule.title}.`,
  severity: rule.severity,
  remediationSteps: rule.remediation,
  tags: [...rule.frameworks],
  enforcementLevel: level(rule),
})

const rules: Policies = guardrails.map((rule) =>
  rule.scope === 'resource'
    ? { ...described(rule), validateResource: (args, tell) => report(rule, [guardedResource(args)], tell) }
    : { ...described(rule), validateStack: (args, tell) => report(rule, args.resources.map(guardedResource), tell) },
)

new PolicyPack('neurodefender', {
  policies: [
    ...rules,
    {
      ...described(exemptionRule),
      validateStack: (_, tell) => {
        for (const message of troubles(facts)) tell(`${message} ${exemptionRule.remediation}`)
      },
    },
  ],
})
