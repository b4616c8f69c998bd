import { podUser } from '../../../policies/model/pod-security.ts'
import type { ImageDescription } from './description.ts'
import type { Blob, BlobStore } from './store.ts'

/** An image in the cache. */
export interface BuiltImage {
  readonly name: string
  /** `localhost/neurodefender/<name>@sha256:…`: what a pod names. */
  readonly reference: string
  readonly manifest: Blob
  /** With where each lies in the cache. */
  readonly blobs: readonly (Blob & { readonly path: string })[]
}

const type = (part: string): string => `application/vnd.oci.image.${part}`
const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Makes an image of its description: equal files give an equal digest, on any machine and at any time. */
export async function buildImage(
  description: ImageDescription,
  store: BlobStore,
  made?: (layer: string) => void,
): Promise<BuiltImage> {
  const layers: Blob[] = []
  for (const layer of description.layers) layers.push(await store.layer(layer, made))
  const env = { PATH: '/usr/bin:/bin', ...description.env }
  const config = store.put(
    JSON.stringify({
      architecture: architectures[process.arch] ?? process.arch,
      os: 'linux',
      config: {
        User: `${podUser}:${podUser}`,
        WorkingDir: description.workingFolder ?? '/',
        Entrypoint: description.entrypoint,
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      },
      // Layers are not compressed: they travel from one folder of this disk to another.
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    }),
  )
  const manifest = store.put(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type('manifest.v1+json'),
      config: { mediaType: type('config.v1+json'), ...config },
      layers: layers.map((layer) => ({ mediaType: type('layer.v1.tar'), ...layer })),
    }),
  )
  const reference = `localhost/neurodefender/${description.name}@${manifest.digest}`
  const blobs = [...layers, config, manifest].map((blob) => ({ ...blob, path: store.path(blob.digest) }))
  return { name: description.name, reference, manifest, blobs }
}
