import type { PolicyResource, ResourceValidationArgs } from '@pulumi/policy'
import proxy from '@pulumi/policy/proxy.js'
import { type GuardedResource, unknown } from './model/resource.ts'

/** The engine's words for values that are not known before an update, by type. */
const sentinels: ReadonlySet<unknown> = new Set(
  Object.entries(proxy)
    .filter(([name]) => /^unknown\w+Value$/.test(name))
    .map(([, value]) => value),
)

/** The key by which the SDK's own proxy answers what is behind it; reading anything else that is unknown throws. */
const behind = (proxy as unknown as { readonly getSpecialProxyTarget: string }).getSpecialProxyTarget
const target = (props: Record<string, unknown>): unknown => props[behind] ?? props

/** Plain JSON; what is not known is `unknown`. */
function plain(value: unknown): unknown {
  if (sentinels.has(value)) return unknown
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** A resource that the engine asks about: with all others (`PolicyResource`), or alone, before it knows what it depends on. */
export function guardedResource(resource: PolicyResource | ResourceValidationArgs): GuardedResource {
  const { urn, type, name, props, opts } = resource
  const dependencies = 'dependencies' in resource ? resource.dependencies.map((other) => other.urn) : []
  return {
    urn,
    type,
    name,
    props: plain(target(props)) as GuardedResource['props'],
    // The engine tells a pack nothing of retainOnDelete.
    protect: opts.protect,
    ignoreChanges: opts.ignoreChanges,
    dependencies,
    ...(opts.parent ? { parent: opts.parent } : {}),
    ...(resource.provider ? { provider: resource.provider.urn } : {}),
  }
}
