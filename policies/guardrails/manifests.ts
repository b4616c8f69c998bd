import { type JudgeOptions, type Verdict, verdicts } from './judge.ts'
import type { GuardedResource } from './model/resource.ts'
import type { Place } from './place.ts'
import { guardrails } from './rules/index.ts'

/** An object of Kubernetes as JSON. */
export interface ManifestLike {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** An object as the resource that a stack makes of it: the same type and the same name, without what only a program says. */
export function guardedManifest(manifest: ManifestLike, stack = 'manifests'): GuardedResource {
  const { apiVersion, kind, metadata } = manifest
  const type = `kubernetes:${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}:${kind}`
  const name = [kind, metadata.namespace, metadata.name].filter(Boolean).join('-').toLowerCase()
  return {
    urn: `urn:pulumi:${stack}::neurodefender::${type}::${name}`,
    type,
    name,
    props: manifest as unknown as GuardedResource['props'],
    dependencies: [],
  }
}

/** What the rules that ask for no more than manifests say of one cluster's objects. */
export const judgeManifests = (
  manifests: readonly ManifestLike[],
  place: Place,
  options: JudgeOptions = {},
): readonly Verdict[] =>
  verdicts(
    manifests.map((manifest) => guardedManifest(manifest)),
    place,
    guardrails.filter(({ judges }) => judges === 'manifest'),
    options,
  )
