import type { Definition } from '../context.ts'

/** The kinds of KEDA that charts make. */
const made: ReadonlySet<string> = new Set(['ScaledObject', 'ClusterTriggerAuthentication'])

interface Version {
  readonly name: string
  readonly [field: string]: unknown
}

/** Any object. */
const open = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }

/**
 * The definition of a kind of KEDA as a region has it. The operator starts only where all of them are served; of those that nobody makes an
 * object, the schema (ten times as long as all the others') is left out.
 */
export function kedaDefinition({ apiVersion, kind, metadata, spec }: Definition): Definition {
  const { names, versions } = spec as unknown as { names: { kind: string }; versions: readonly Version[] }
  const own = made.has(names.kind) ? versions : versions.map((version) => ({ ...version, schema: open }))
  return { apiVersion, kind, metadata: { name: metadata.name }, spec: { ...spec, versions: own } }
}
