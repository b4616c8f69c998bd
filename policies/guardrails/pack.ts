import { type EnforcementLevel, type Policies, PolicyPack, type ReportViolation } from '@pulumi/policy'
import { policies } from '../bundle.ts'
import { guardedResource } from './adapter.ts'
import { exemptions } from './exemptions.ts'
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

const described = (rule: Guardrail) => ({
  name: rule.name,
  displayName: rule.title,
  description: `${rule.title}.`,
  severity: rule.severity,
  remediationSteps: rule.remediation,
  tags: [...rule.frameworks],
  enforcementLevel: level(rule),
})

type Tell = (resources: readonly GuardedResource[], report: ReportViolation) => void

/** Tells the engine what a rule objects to: either what binds, or what is exempt and until when. */
const telling =
  (rule: Guardrail, of: 'binding' | 'exempt'): Tell =>
  (resources, report) => {
    for (const { urn, message } of rule.find(resources, facts)) {
      const resource = resources.find((one) => one.urn === urn)
      const exemption = resource && exempted(rule.name, resource, facts.environment)
      if (of === 'binding' && !exemption) report(`${message} ${rule.remediation}`, urn)
      if (of === 'exempt' && exemption) report(`${message} Exempt until ${exemption.until}: ${exemption.reason}`, urn)
    }
  }

const policyOf = (rule: Guardrail, tell: Tell): Policies[number] =>
  rule.scope === 'resource'
    ? { ...described(rule), validateResource: (args, report) => tell([guardedResource(args)], report) }
    : { ...described(rule), validateStack: (args, report) => tell(args.resources.map(guardedResource), report) }

/** A rule that something is exempt from says so in every run, as advice. */
const exempting = guardrails
  .filter(({ name }) => exemptions.some((one) => one.rule === name && one.environments.includes(facts.environment)))
  .map((rule): Policies[number] => ({
    ...policyOf(rule, telling(rule, 'exempt')),
    name: `${rule.name}-exempt`,
    enforcementLevel: applies(rule, facts) ? 'advisory' : 'disabled',
  }))

new PolicyPack('neurodefender', {
  policies: [
    ...guardrails.map((rule) => policyOf(rule, telling(rule, 'binding'))),
    ...exempting,
    {
      ...described(exemptionRule),
      validateStack: (_, report) => {
        for (const message of troubles(facts)) report(`${message} ${exemptionRule.remediation}`)
      },
    },
  ],
})
