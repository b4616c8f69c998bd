import type { Manifest, Synthesis } from '../synthesize.ts'
import { kindOf, type Stage, stages } from './kinds.ts'

/** One resource to be, with everything that the engine is told about it. */
export interface PlannedResource {
  readonly name: string
  readonly manifest: Manifest
  /** Names of the resources that stand before this one is made, and that outlive it. */
  readonly after: readonly string[]
  readonly protect: boolean
  readonly ignoreChanges: readonly string[]
}

/** The object's name in Pulumi: `<kind>-<namespace>-<name>`, never changed by where in a chart it stands. */
export const resourceName = ({ kind, metadata }: Manifest): string =>
  [kind, metadata.namespace, metadata.name].filter(Boolean).join('-').toLowerCase()

/** Whether what it keeps cannot be made again. */
const keepsData = ({ kind, spec }: Manifest): boolean =>
  kind === 'PersistentVolume' || (kind === 'StatefulSet' && 'volumeClaimTemplates' in (spec as object))

/**
 * When an object is made. An address is ready when a pod answers at it, so it comes after its pods: the engine does only so many
 * things at once, and addresses that wait for pods whose turn never comes would wait for ever. A headless Service is only
 * names, which pods want before they are ready. All want the name server.
 */
function stageOf({ apiVersion, kind, metadata, spec }: Manifest): Stage {
  const { stage } = kindOf(apiVersion, kind)
  if (kind === 'Service' && (spec as { clusterIP?: string }).clusterIP === 'None') return 'needs'
  if (metadata.namespace !== 'kube-system') return stage
  return stage === 'workloads' ? 'name-server' : stage === 'addresses' ? 'names-answer' : stage
}

/**
 * One resource for every object, in the order of making. What keeps data is protected everywhere but in the local environment;
 * what an autoscaler writes is ignored.
 */
export function plan({ manifests, environment, autoscaled }: Synthesis): PlannedResource[] {
  const ranked = manifests
    .map((manifest) => ({ manifest, rank: stages.indexOf(stageOf(manifest)) }))
    .sort((a, b) => a.rank - b.rank)
  return ranked.map(({ manifest, rank }) => ({
    name: resourceName(manifest),
    manifest,
    after: ranked.filter((other) => other.rank < rank).map((other) => resourceName(other.manifest)),
    protect: environment !== 'local' && keepsData(manifest),
    ignoreChanges:
      manifest.kind === 'Deployment' && autoscaled.has(`${manifest.metadata.namespace}/${manifest.metadata.name}`)
        ? ['spec.replicas']
        : [],
  }))
}
