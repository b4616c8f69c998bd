import { type Policies, policies } from '../../../policies/bundle.ts'
import type { EnvironmentName } from '../../../policies/environments.ts'
import { type Manifest, synthesize } from '../synthesize.ts'
import { cloudContext, testContext } from './context.ts'

/** Every object of an environment, by `Kind namespace/name`. */
export function manifestsOf(environment: EnvironmentName, of: Policies = policies): Map<string, Manifest> {
  const context = environment === 'local' ? testContext : cloudContext
  const all = (['platform', 'services'] as const).flatMap(
    (part) => synthesize(environment, part, context, of).manifests,
  )
  return new Map(all.map((manifest) => [keyOf(manifest), manifest]))
}

export const keyOf = ({ kind, metadata }: Manifest): string =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`

/** The object of that key. Throws when there is none. */
export function find(manifests: ReadonlyMap<string, Manifest>, key: string): Manifest {
  const found = manifests.get(key)
  if (!found) throw new Error(`There is no '${key}'; there are: ${[...manifests.keys()].join(', ')}.`)
  return found
}

/** The pod template of a workload, for assertions. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
export const podOf = (manifest: Manifest): any => (manifest.spec as any).template.spec
