/** The charts of a region and the way from them to Pulumi resources. The public surface of `infra/kubernetes`. */
export { type DeployOptions, deploy } from './bridge/deploy.ts'
export { resourceName } from './bridge/plan.ts'
export { ManifestError } from './checks/findings.ts'
export type { Certificate, ChartContext, Cluster, SecretInputs } from './context.ts'
export { localContext } from './local-context.ts'
export { type Manifest, type Part, type Synthesis, synthesize } from './synthesize.ts'
