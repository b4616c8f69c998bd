import { App } from 'cdk8s'
import { type Policies, policies } from '../../../../policies/bundle.ts'
import type { EnvironmentName } from '../../../../policies/environments.ts'
import { chartScope, type ManagedCluster } from '../../context.ts'
import { OutputResolver } from '../../output-resolver.ts'
import type { Manifest } from '../../synthesize.ts'
import { cloudContext } from '../../test/context.ts'
import { Mesh } from '../index.ts'

const entry = {
  certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  webAcl: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/nd/1',
}

/** A region whose stack has made the way in. */
export const meshContext = { ...cloudContext, cluster: { ...(cloudContext.cluster as ManagedCluster), entry } }

/** Every object of a region's mesh under these policies. */
export function meshOf(
  of: Policies = policies,
  context: typeof cloudContext = meshContext,
  environment: EnvironmentName = 'prod',
): readonly Manifest[] {
  const app = new App({ resolvers: [new OutputResolver()] })
  return new Mesh(app, chartScope(environment, context, of)).toJson() as Manifest[]
}

/** The object of that kind and name. Throws when there is none. */
export function meshObjectOf(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)
  if (!found) throw new Error(`There is no ${kind} '${name}'.`)
  return found
}
