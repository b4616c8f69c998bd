/** What a check has to say about one value. */
export interface Finding {
  /** Where the value stands: 'scaling.event_collector.actions.max_replicas'. */
  readonly path: string
  readonly value: unknown
  readonly rule: string
  /** What goes wrong otherwise. */
  readonly purpose: string
  /** One sentence: the property, its value, and what should be. */
  readonly message: string
  /** Only where `rule` binds in the environment does the finding stop anything; absent: everywhere. */
  readonly environment?: string
}

export class PolicyError extends Error {
  readonly code = 'POLICY'
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super(`The policies contradict themselves in ${count(findings)}:\n${render(findings)}`)
    this.findings = findings
  }
}

const count = (findings: readonly Finding[]): string =>
  findings.length === 1 ? 'one place' : `${findings.length} places`

/** One line a finding: where, what, and what it is for. */
export const render = (findings: readonly Finding[]): string =>
  findings.map((f) => `  ${f.message} (${f.rule}: ${f.purpose})`).join('\n')

/** Throws PolicyError with the whole list when there is one. */
export function assertNoFindings(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new PolicyError(findings)
}
