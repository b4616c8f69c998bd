import type { Finding } from '../../../policies/model/finding.ts'
import { render } from '../../../policies/model/finding.ts'

/** An object that is not what its construct said, or not what every object must be. */
export class ManifestError extends Error {
  readonly code = 'BAD_MANIFEST'
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super(`The charts make objects that must not be deployed:\n${render(findings)}`)
    this.findings = findings
  }
}

/** Throws ManifestError with the whole list when there is one. */
export function assertManifests(findings: readonly Finding[]): void {
  if (findings.length > 0) throw new ManifestError(findings)
}

/** "Deployment siem/analytics" */
export const nameOf = (json: { kind: string; metadata: { name?: string; namespace?: string } }): string =>
  `${json.kind} ${json.metadata.namespace ? `${json.metadata.namespace}/` : ''}${json.metadata.name}`
