import { policies as inForce, type Policies } from '../bundle.ts'
import { exemptions as agreed } from './exemptions.ts'
import { covers, type Exemption, exemptionProblems, isOver } from './model/exemption.ts'
import { type Facts, type Guardrail, type Severity, severities, type Violation } from './model/guardrail.ts'
import type { GuardedResource } from './model/resource.ts'
import { type Place, placeOf } from './place.ts'
import { guardrails } from './rules/index.ts'

/** A violation with its rule, its resource, and whether it stops anything. */
export interface Verdict extends Violation {
  readonly rule: Guardrail
  readonly resource: Pick<GuardedResource, 'type' | 'name'>
  /** Whether the environment demands the rule; if not, it is advice. */
  readonly binds: boolean
  /** Why it does not bind here for a while. */
  readonly exemption?: Exemption
}

export interface JudgeOptions {
  /** Default: the policies in force. */
  readonly policies?: Policies
  readonly exemptions?: readonly Exemption[]
  /** '2027-03-31'. Default: today. */
  readonly today?: string
}

const reaches = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(least)

/** Whether an environment asks a rule at all. */
export const applies = ({ judges }: Guardrail, { policies, environment }: Facts): boolean =>
  judges === 'manifest' || policies.environments[environment]?.guardrails.judges !== 'manifest'

/** Whether a broken rule stops what is done in an environment. */
export const stops = ({ severity }: Guardrail, { policies, environment }: Facts): boolean =>
  reaches(severity, policies.environments[environment]?.guardrails.stops ?? 'low')

/** The exemption that holds for a resource today. */
export const exempted = (
  rule: string,
  resource: Pick<GuardedResource, 'type' | 'name'>,
  environment: string,
  { exemptions = agreed, today = day() }: JudgeOptions = {},
): Exemption | undefined =>
  exemptions.find(
    (one) =>
      one.rule === rule && one.environments.includes(environment) && covers(one, resource) && !isOver(one, today),
  )

/** '2027-03-31' */
const day = (): string => new Date().toISOString().slice(0, 10)

/** The rule that exemptions themselves keep; it is about no resource. */
export const exemptionRule: Guardrail = {
  name: 'exemptions',
  title: 'An exemption has a reason and an end',
  severity: 'high',
  frameworks: [],
  remediation: 'Change policies/guardrails/exemptions.ts.',
  scope: 'stack',
  judges: 'manifest',
  find: () => [],
}

/** What is wrong with the exemptions that an environment has, or with those that name none: one sentence each. */
export const troubles = (
  { policies, environment }: Facts,
  { exemptions = agreed, today = day() }: JudgeOptions = {},
): readonly string[] =>
  exemptionProblems(
    // One that names no environment that there is belongs to all: nobody else would hear of it.
    exemptions.filter(
      ({ environments }) =>
        environments.includes(environment) || !environments.some((name) => policies.environments[name] !== undefined),
    ),
    guardrails.map(({ name }) => name),
    Object.keys(policies.environments),
    today,
  ).map(({ message }) => message)

/** What the rules say of resources that stand in one place. */
export function verdicts(
  resources: readonly GuardedResource[],
  place: Place,
  rules: readonly Guardrail[] = guardrails,
  options: JudgeOptions = {},
): readonly Verdict[] {
  const facts: Facts = { policies: options.policies ?? inForce, ...place }
  const known = new Map(resources.map((resource) => [resource.urn, resource]))
  const expired = troubles(facts, options).map(
    (message): Verdict => ({
      urn: '',
      path: '',
      message,
      rule: exemptionRule,
      resource: { type: 'pulumi:pulumi:Stack', name: '' },
      binds: stops(exemptionRule, facts),
    }),
  )
  const found = rules
    .filter((rule) => applies(rule, facts))
    .flatMap((rule) =>
      rule.find(resources, facts).map((found): Verdict => {
        const { type, name } = known.get(found.urn) ?? { type: 'pulumi:pulumi:Stack', name: '' }
        const exemption = exempted(rule.name, { type, name }, place.environment, options)
        return {
          ...found,
          rule,
          resource: { type, name },
          binds: !exemption && stops(rule, facts),
          ...(exemption ? { exemption } : {}),
        }
      }),
    )
  return [...found, ...expired]
}

/** A stack as `recordGraph` answers it. */
export interface Graph {
  readonly stack: string
  readonly resources: readonly (Omit<GuardedResource, 'props'> & { readonly inputs: GuardedResource['props'] })[]
}

const guardedOf = ({ resources }: Graph): readonly GuardedResource[] =>
  resources.map(({ inputs, ...rest }) => ({ ...rest, props: inputs }))

/** What the rules say of a recorded stack. */
export const judge = (graph: Graph, options: JudgeOptions = {}): readonly Verdict[] =>
  verdicts(guardedOf(graph), placeOf(graph.stack, options.policies ?? inForce), guardrails, options)
