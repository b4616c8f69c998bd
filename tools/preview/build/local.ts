import type { GraphResource } from '../../../infra/graph/graph.ts'
import { hidden } from '../../../infra/graph/graph.ts'
import type { Manifest, Part } from '../../../infra/kubernetes/synthesize.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { BuiltStack } from './built.ts'
import type { Modules } from './modules.ts'

const parts: Readonly<Record<string, Part>> = { local: 'platform', 'local-services': 'services' }

const secret = (manifest: Manifest): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(manifest).map(([key, value]) => [
      key,
      manifest.kind === 'Secret' && (key === 'data' || key === 'stringData')
        ? Object.fromEntries(Object.keys(value as object).map((name) => [name, hidden]))
        : value,
    ]),
  )

function resourceOf(stack: string, manifest: Manifest): GraphResource {
  const { apiVersion, kind, metadata } = manifest
  const name = [kind.toLowerCase(), metadata.namespace, metadata.name].filter(Boolean).join('-')
  const type = `kubernetes:${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}:${kind}`
  return {
    urn: `urn:pulumi:${stack}::neurodefender::${type}::${name}`,
    type,
    name,
    custom: true,
    inputs: secret(manifest),
    dependencies: [],
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
  }
}

/**
 * The objects of a local region, from the charts alone: its stacks need a running region, so addresses, certificates and passwords are
 * those of the charts' tests.
 */
export function buildLocal({ synthesize, context }: Modules, policies: Policies): BuiltStack[] {
  if (!synthesize || !context) return []
  return Object.entries(parts).map(([stack, part]) => {
    try {
      const { manifests } = synthesize('local', part, context, policies)
      const resources = manifests.map((manifest) => resourceOf(stack, manifest))
      resources.sort((a, b) => (a.urn < b.urn ? -1 : 1))
      return { stack, graph: { stack, resources, outputs: {} } }
    } catch (error) {
      return { stack, error: { message: (error as Error).message, findings: [], notTried: false } }
    }
  })
}
