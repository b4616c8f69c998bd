import { keda } from '../../local/keda.ts'
import { mesh } from '../../local/mesh.ts'
import { priorities } from '../names.ts'
import type { Release } from '../operators/release.ts'
import type { Manifest, Synthesis } from '../synthesize.ts'
import { kindOf } from './kinds.ts'
import { type Stage, stages } from './stages.ts'

/** One resource to be, with everything that the engine is told about it. */
export type PlannedResource = {
  readonly name: string
  /** Names of the resources that stand before this one is made, and that outlive it. */
  readonly after: readonly string[]
  readonly protect: boolean
  readonly ignoreChanges: readonly string[]
} & ({ readonly kind: 'object'; readonly manifest: Manifest } | { readonly kind: 'release'; readonly release: Release })

/** The object's name in Pulumi: `<kind>-<namespace>-<name>`, never changed by where in a chart it stands. */
export const resourceName = ({ kind, metadata }: Manifest): string =>
  [kind, metadata.namespace, metadata.name].filter(Boolean).join('-').toLowerCase()

/** A release's name in Pulumi. */
const releaseName = ({ namespace, name }: Release): string => `release-${namespace}-${name}`

/** Custom resources from which an operator makes pods that keep data. */
const keepers = new Set(['ClickHouseInstallation', 'Elasticsearch'])

/** Whether what it keeps cannot be made again. */
const keepsData = ({ kind, spec }: Manifest): boolean =>
  kind === 'PersistentVolume' ||
  keepers.has(kind) ||
  (kind === 'StatefulSet' && 'volumeClaimTemplates' in (spec as object))

/** Fields of a kind that somebody else writes after it was made. */
const owned: Readonly<Record<string, readonly string[]>> = {
  // KEDA counts the pods, and the canary controller shares the callers among versions.
  MLInference: ['spec.replicas', 'spec.traffic'],
}

/** Whether the pods of a workload are placeholders. */
const isSpare = ({ spec }: Manifest): boolean =>
  (spec as { template?: { spec?: { priorityClassName?: string } } } | undefined)?.template?.spec?.priorityClassName ===
  priorities.headroom

/**
 * When an object is made. An address is ready when a pod answers at it, so it comes after its pods: the engine does only so many
 * things at once, and addresses that wait for pods whose turn never comes would wait for ever. A headless Service is only
 * names, which pods want before they are ready. All want the name server. Placeholders come when everybody else has room.
 */
function stageOf(manifest: Manifest): Stage {
  const { apiVersion, kind, metadata, spec } = manifest
  const { stage } = kindOf(apiVersion, kind)
  if (kind === 'Service' && (spec as { clusterIP?: string }).clusterIP === 'None') return 'needs'
  if (isSpare(manifest)) return 'spare'
  // Proxies are ready when their control plane has told them what to do, and what KEDA was given goes only while KEDA is there.
  if (
    metadata.namespace === keda.namespace ||
    (metadata.namespace === mesh.namespace && metadata.name === mesh.control)
  )
    return stage === 'workloads' ? 'controllers' : stage === 'addresses' ? 'mesh' : stage
  if (metadata.namespace !== 'kube-system') return stage
  return stage === 'workloads' ? 'name-server' : stage === 'addresses' ? 'names-answer' : stage
}

/**
 * One resource for every object and every release, in the order of making. What keeps data is protected everywhere but in the local
 * environment; what somebody else writes is ignored.
 */
export function plan({ manifests, releases, environment, autoscaled }: Synthesis): PlannedResource[] {
  const ranked = [
    ...manifests.map((manifest) => ({
      rank: stages.indexOf(stageOf(manifest)),
      resource: {
        kind: 'object',
        name: resourceName(manifest),
        manifest,
        protect: environment !== 'local' && keepsData(manifest),
        ignoreChanges:
          manifest.kind === 'Deployment' && autoscaled.has(`${manifest.metadata.namespace}/${manifest.metadata.name}`)
            ? ['spec.replicas']
            : (owned[manifest.kind] ?? []),
      } as const,
    })),
    ...releases.map((release) => ({
      rank: stages.indexOf(release.stage),
      resource: { kind: 'release', name: releaseName(release), release, protect: false, ignoreChanges: [] } as const,
    })),
  ].sort((a, b) => a.rank - b.rank)
  return ranked.map(({ resource, rank }) => ({
    ...resource,
    after: ranked.filter((other) => other.rank < rank).map((other) => other.resource.name),
  }))
}
