import type { Manifest } from '../../synthesize.ts'
import type { AuthorizationSpec } from '../types.ts'

interface Pod {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
}

const selects = (spec: AuthorizationSpec, { labels }: Pod): boolean =>
  Object.entries(spec.selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)

/**
 * Whether Istio lets a caller through, by the objects alone: without a policy that selects the pod everybody is let through, else one rule
 * must allow. A rule without `from` is for everybody. Policies of the root namespace hold in every namespace.
 * @see https://istio.io/latest/docs/concepts/security/#implicit-enablement
 */
export function allowed(manifests: readonly Manifest[], caller: string | undefined, pod: Pod, port: number): boolean {
  const policies = manifests
    .filter(
      ({ kind, metadata }) =>
        kind === 'AuthorizationPolicy' && ['istio-system', pod.namespace].includes(metadata.namespace ?? ''),
    )
    .map(({ spec }) => (spec ?? {}) as AuthorizationSpec)
    .filter((spec) => selects(spec, pod))
  if (policies.length === 0) return true
  return policies.some(({ rules = [] }) =>
    rules.some(({ from, to }) => {
      const principals = from?.flatMap(({ source }) => source.principals)
      const ports = to.flatMap(({ operation }) => operation.ports)
      return (!principals || (caller !== undefined && principals.includes(caller))) && ports.includes(`${port}`)
    }),
  )
}
