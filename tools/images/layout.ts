import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuiltImage } from '../../infra/local/images/index.ts'

/**
 * Writes an image as an OCI layout into a folder of its own, replacing what is there: what scanners, signers and `skopeo copy oci:` or
 * `crane push` read. Answers the folder.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function writeLayout(out: string, { name, manifest, blobs }: BuiltImage, tag: string): string {
  const folder = join(out, name)
  rmSync(folder, { recursive: true, force: true })
  const at = join(folder, 'blobs', 'sha256')
  mkdirSync(at, { recursive: true })
  for (const { digest, path } of blobs) copyFileSync(path, join(at, digest.slice('sha256:'.length)))
  const described = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...manifest,
    annotations: { 'org.opencontainers.image.ref.name': tag },
  }
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [described] }))
  return folder
}
