import { App } from 'cdk8s'
import { type Policies, policies } from '../../../../policies/bundle.ts'
import type { EnvironmentName } from '../../../../policies/environments.ts'
import { chartScope } from '../../context.ts'
import { OutputResolver } from '../../output-resolver.ts'
import type { Manifest } from '../../synthesize.ts'
import { cloudContext } from '../../test/context.ts'
import { Mesh } from '../index.ts'

/** Every object of a region's mesh under these policies. */
export function meshOf(
  of: Policies = policies,
  context = cloudContext,
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
