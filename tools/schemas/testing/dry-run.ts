import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from '../../../infra/kubernetes/synthesize.ts'
import { keyOf } from '../../../infra/kubernetes/test/manifests.ts'
import { type Cluster, UnknownKindError } from '../../engine/pulumi/kubernetes/cluster.ts'
import { ApiError, pause } from '../../engine/pulumi/kubernetes/connection.ts'
import { idOf } from '../../engine/pulumi/kubernetes/object.ts'
import { waitReady } from '../../engine/pulumi/kubernetes/wait.ts'
import { at, type JsonObject } from '../../engine/pulumi/kubernetes/wire.ts'

/** What admission of other objects asks for: made in earnest, in this order. */
const ground = [
  'CustomResourceDefinition',
  'Namespace',
  'PriorityClass',
  'RuntimeClass',
  'ServiceAccount',
  'ResourceQuota',
]

const timeout = 60_000
const earnest = { dryRun: false }

/** Makes an object, or changes it. Throws ApiError in the server's words. */
const apply = (cluster: Cluster, manifest: Manifest, options: Parameters<Cluster['apply']>[2]): Promise<JsonObject> =>
  cluster.apply(manifest, manifest as unknown as JsonObject, options)

/** Makes definitions and waits until the server takes objects by them. */
export async function define(cluster: Cluster, definitions: readonly Manifest[]): Promise<void> {
  const signal = AbortSignal.timeout(timeout)
  await Promise.all(
    definitions.map(async (definition) => {
      const applied = await apply(cluster, definition, earnest)
      const wait = { kind: definition, id: definition.metadata.name, timeout, signal, progress: () => {} }
      await waitReady(cluster, wait, applied)
    }),
  )
}

/** A quota binds once its controller has counted. */
async function counted(cluster: Cluster, quota: Manifest): Promise<void> {
  const id = idOf(quota.metadata)
  for (const signal = AbortSignal.timeout(timeout); ; await pause(50, signal)) {
    const live = (await cluster.get(quota, id, signal)) ?? {}
    if (isDeepStrictEqual(at(live, ['status', 'hard']), at(live, ['spec', 'hard']))) return
  }
}

/** Makes what a region's other objects and pods stand on. Throws ApiError. */
export async function prepare(cluster: Cluster, manifests: readonly Manifest[]): Promise<void> {
  for (const kind of ground) {
    const own = manifests.filter((manifest) => manifest.kind === kind)
    if (kind === 'CustomResourceDefinition') await define(cluster, own)
    else await Promise.all(own.map((manifest) => apply(cluster, manifest, earnest)))
    if (kind === 'ResourceQuota') await Promise.all(own.map((quota) => counted(cluster, quota)))
  }
}

/**
 * Asks the server about every object, and makes none. Answers its objections, and its warnings of what it takes all the same:
 * '<object>: <its words>'.
 */
export async function objections(cluster: Cluster, manifests: readonly Manifest[]): Promise<string[]> {
  const answers = await Promise.all(
    manifests.map(async (manifest) => {
      const said: string[] = []
      try {
        await apply(cluster, manifest, { dryRun: true, onWarning: (text) => said.push(`warning: ${text}`) })
      } catch (error) {
        if (!(error instanceof ApiError) && !(error instanceof UnknownKindError)) throw error
        said.push(error.message)
      }
      return said.map((text) => `${keyOf(manifest)}: ${text}`)
    }),
  )
  return answers.flat()
}
