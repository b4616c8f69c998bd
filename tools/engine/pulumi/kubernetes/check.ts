import { createHash } from 'node:crypto'
import type { Cluster } from './cluster.ts'
import type { Kind } from './kind.ts'
import { annotation, metadataOf, nameOfObject } from './object.ts'
import { clone, isObject, type JsonObject, unknown } from './wire.ts'

export interface Finding {
  readonly property: string
  readonly reason: string
}

export interface Checked {
  readonly inputs: JsonObject
  readonly findings: readonly Finding[]
}

const autonamed = 'pulumi.com/autonamed'

/**
 * Completes the inputs of one object: a name where the program gives none, the provider's namespace where the kind has
 * one. Without a cluster (its address is not known yet), or for a kind that it does not serve yet, the rest is taken on trust.
 */
export async function check(
  kind: Kind,
  resource: { readonly name: string; readonly seed: Uint8Array },
  olds: JsonObject,
  news: JsonObject,
  cluster: Cluster | undefined,
): Promise<Checked> {
  const findings: Finding[] = []
  const served = await cluster?.discovery.find(kind)
  if (!served && /(List|Patch)$/.test(kind.kind))
    findings.push({
      property: 'kind',
      reason: `'${kind.kind}' is not one object: the stand-in provider deploys one object for each resource. ${
        kind.kind.endsWith('List')
          ? 'Make a resource of each item.'
          : 'Give the object itself, or install the official plugin.'
      }`,
    })
  for (const property of ['apiVersion', 'kind'] as const)
    if (news[property] !== undefined && news[property] !== unknown && news[property] !== kind[property])
      findings.push({
        property,
        reason: `The object says '${String(news[property])}', its resource type '${kind[property]}'.`,
      })
  const inputs: JsonObject = { ...clone(news), ...kind }
  if (inputs.metadata === unknown) return { inputs, findings }
  const metadata = { ...metadataOf(inputs) }
  inputs.metadata = metadata
  if (metadata.name === undefined || metadata.name === '') Object.assign(metadata, named(resource, olds, metadata))
  if (served?.namespaced && !metadata.namespace) metadata.namespace = cluster?.namespace ?? 'default'
  if (served && !served.namespaced && metadata.namespace)
    findings.push({ property: 'metadata.namespace', reason: `A ${kind.kind} belongs to no namespace.` })
  return { inputs, findings }
}

/** The name of before, or a new one: unique, so that a replacement can stand beside what it replaces. */
function named(
  { name, seed }: { readonly name: string; readonly seed: Uint8Array },
  olds: JsonObject,
  metadata: JsonObject,
): JsonObject {
  const kept = annotation(olds, autonamed) === 'true' ? nameOfObject(olds).name : ''
  const prefix = typeof metadata.generateName === 'string' ? metadata.generateName : `${name}-`
  delete metadata.generateName
  const suffix = createHash('sha256').update(seed).update(name).digest('hex').slice(0, 8)
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {}
  return { name: kept || `${prefix}${suffix}`, annotations: { ...annotations, [autonamed]: 'true' } }
}

/** Whether the name was ours to choose, so that a replacement gets another one. */
export const isAutonamed = (inputs: JsonObject): boolean => annotation(inputs, autonamed) === 'true'
