import { type ComponentResource, type CustomResource, type ProviderResource, secret } from '@pulumi/pulumi'
import type { Synthesis } from '../synthesize.ts'
import { kindOf } from './kinds.ts'
import { plan } from './plan.ts'

export interface DeployOptions {
  readonly provider: ProviderResource
  /** Default: none, the resources stand at the top of the stack. */
  readonly parent?: ComponentResource
}

/** What is in a Secret stays encrypted in the stack's state. */
function guarded(json: Record<string, unknown>): Record<string, unknown> {
  if (json.kind !== 'Secret') return json
  const data = Object.entries((json.data ?? {}) as Record<string, string>)
  return { ...json, data: Object.fromEntries(data.map(([name, value]) => [name, secret(value)])) }
}

/** Makes one Pulumi resource of every object, as planned; Pulumi deletes in the opposite order. */
export function deploy(synthesis: Synthesis, options: DeployOptions): readonly CustomResource[] {
  const made = new Map<string, CustomResource>()
  for (const { name, manifest, after, protect, ignoreChanges } of plan(synthesis)) {
    const { make } = kindOf(manifest.apiVersion, manifest.kind)
    const json = synthesis.outputs.restore(manifest) as Record<string, unknown>
    const resource = new make(name, guarded(json) as never, {
      provider: options.provider,
      ...(options.parent ? { parent: options.parent } : {}),
      dependsOn: after.flatMap((earlier) => made.get(earlier) ?? []),
      protect,
      ignoreChanges: [...ignoreChanges],
    })
    made.set(name, resource)
  }
  return [...made.values()]
}
