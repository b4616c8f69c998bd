import type { Policies } from '../bundle.ts'
import type { Rule } from '../model/environment.ts'
import type { Finding } from '../model/finding.ts'

/** A rule over all policies: pure, and silent when all is well. */
export type Check = {
  /** What goes wrong otherwise. */
  readonly purpose: string
  readonly find: (policies: Policies) => readonly Broken[]
} & (
  | {
      /** The rule's name, as findings and documentation spell it. */
      readonly rule: string
      readonly bindable?: false
    }
  /** An environment decides by `binding` whether the rule stops it or is advice. Every finding names its environment. */
  | { readonly rule: Rule; readonly bindable: true }
)

/** What a rule objects to. `says` continues the path and the value: 'services.kafka.ports.kafka (0) must be …'. */
export interface Broken {
  readonly path: string
  readonly value: unknown
  readonly says: string
  readonly environment?: string
}

const show = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** Runs one check. */
export const findings = (check: Check, policies: Policies): Finding[] =>
  check.find(policies).map(({ path, value, says, environment }) => ({
    path,
    value,
    rule: check.rule,
    purpose: check.purpose,
    message: `${path} (${show(value)}) ${says}`,
    ...(environment ? { environment } : {}),
  }))

/** The objection, unless all is well. */
export const unless = (good: boolean, path: string, value: unknown, says: string, environment?: string): Broken[] =>
  good ? [] : [{ path, value, says, ...(environment ? { environment } : {}) }]

export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1
