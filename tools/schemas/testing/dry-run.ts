import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from '../../../infra/kubernetes/synthesize.ts'
import { keyOf } from '../../../infra/kubernetes/test/manifests.ts'
import type { Cluster } from '../../engine/pulumi/kubernetes/cluster.ts'
import { ApiError, pause } from '../../engine/pulumi/kubernetes/connection.ts'
import { idOf } from '../../engine/pulumi/kubernetes/object.ts'
import { waitReady } from '../../engine/pulumi/kubernetes/wait.ts'
import { at, type JsonObject } from '../../engine/pulumi/kubernetes/wire.ts'

/** What admission of other objects asks for: made in earnest, in this order. */
const ground = ['CustomResourceDefinition', 'Namespace', 'PriorityClass', 'ServiceAccount', 'ResourceQuota']

const timeout = 60_000

/** Makes an object, or changes it. Throws ApiError in the server's words. */
export const apply = (cluster: Cluster, manifest: Manifest, dryRun: boolean): Promise<JsonObject> =>
  cluster.apply(manifest, manifest as unknown as JsonObject, { dryRun })

/** Makes definitions and waits until the server takes objects by them. */
export async function define(cluster: Cluster, definitions: readonly Manifest[]): Promise<void> {
  const signal = AbortSignal.timeout(timeout)
  await Promise.all(
    definitions.map(async (definition) => {
      const applied = await apply(cluster, definition, false)
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
    else await Promise.all(own.map((manifest) => apply(cluster, manifest, false)))
    if (kind === 'ResourceQuota') await Promise.all(own.map((quota) => counted(cluster, quota)))
  }
}

/** Asks the server about every object, and makes none. Answers its objections: '<object>: <its words>'. */
export async function objections(cluster: Cluster, manifests: readonly Manifest[]): Promise<string[]> {
  const answers = await Promise.all(
    manifests.map((manifest) =>
      apply(cluster, manifest, true).then(
        () => [],
        (error: unknown) => {
          if (!(error instanceof ApiError) && (error as { code?: unknown }).code !== 'UNKNOWN_KIND') throw error
          return [`${keyOf(manifest)}: ${(error as Error).message}`]
        },
      ),
    ),
  )
  return answers.flat()
}
