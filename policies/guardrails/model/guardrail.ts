import type { Policies } from '../../bundle.ts'
import type { Severity } from '../../model/environment.ts'
import { at, type GuardedResource, pathText, unknown } from './resource.ts'

export type { Severity } from '../../model/environment.ts'

/** From a flaw to a disaster. */
export const severities = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Severity[]

/** What a rule may ask beyond the resources. */
export interface Facts {
  readonly policies: Policies
  /** A key of `policies.environments`. */
  readonly environment: string
  /** Of this stack, where it belongs to one. */
  readonly region?: string
  /** 'prod-links'. Absent: only a part of a stack is judged, and no rule may miss the rest. */
  readonly stack?: string
}

/** One broken promise. */
export interface Violation {
  readonly urn: string
  /** Where in the inputs: 'vpcConfig.endpointPublicAccess'. Empty: the resource as a whole. */
  readonly path: string
  /** A sentence that says what should be. No value that could be secret. */
  readonly message: string
}

/** A rule of the platform over what its programs make: pure, and silent when all is well. */
export interface Guardrail {
  /** In lower case with hyphens; reports, exemptions and documentation spell it so. */
  readonly name: string
  /** What holds when the rule is kept. */
  readonly title: string
  readonly severity: Severity
  /** Controls of published frameworks that ask for the same: 'AWS FSBP EKS.1'. */
  readonly frameworks: readonly string[]
  /** What to do about a violation. */
  readonly remediation: string
  /** `resource`: each resource is judged alone, as soon as the engine hears of it. `stack`: all together. */
  readonly scope: 'resource' | 'stack'
  /** `manifest`: the objects of Kubernetes are enough. `program`: it asks what only a program says, or judges the cloud. */
  readonly judges: 'manifest' | 'program'
  readonly find: (resources: readonly GuardedResource[], facts: Facts) => readonly Violation[]
}

export type Find = Guardrail['find']

/** Judges each resource of some types alone. */
export const each =
  (types: readonly string[], judge: (resource: GuardedResource, facts: Facts) => readonly Violation[]): Find =>
  (resources, facts) =>
    resources.filter(({ type }) => types.includes(type)).flatMap((resource) => judge(resource, facts))

export const violation = (
  resource: GuardedResource,
  path: readonly (string | number)[],
  message: string,
): Violation => ({
  urn: resource.urn,
  path: pathText(path),
  message,
})

const shown = (value: unknown): string => {
  if (value === undefined || value === null) return 'is not set'
  if (typeof value === 'boolean' || typeof value === 'number') return `is ${value}`
  if (typeof value === 'string' && value.length <= 60) return `is '${value}'`
  return Array.isArray(value) ? 'is another list' : 'is something else'
}

/**
 * The objection to one value, unless it is good or not known yet: "vpcConfig.endpointPublicAccess should be false; it is true."
 * Not for values that may be secret: a short text is shown.
 */
export function should(
  resource: GuardedResource,
  path: readonly (string | number)[],
  good: (value: unknown) => boolean,
  be: string,
): readonly Violation[] {
  const value = at(resource.props, ...path)
  if (value === unknown || good(value)) return []
  return [violation(resource, path, `${pathText(path)} should be ${be}; it ${shown(value)}.`)]
}

/** `should` for exactly one value. */
export const shouldBe = (
  resource: GuardedResource,
  path: readonly (string | number)[],
  wanted: string | number | boolean,
): readonly Violation[] =>
  should(resource, path, (value) => value === wanted, typeof wanted === 'string' ? `'${wanted}'` : String(wanted))
