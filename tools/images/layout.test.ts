import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { buildImage } from '../../infra/local/images/build.ts'
import { BlobStore } from '../../infra/local/images/store.ts'
import { writeLayout } from './layout.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-layout-'))
after(() => rmSync(folder, { recursive: true }))

test('a layout leads from its index to every blob, each under its own hash, and nothing of an older one stays', async () => {
  const files = join(folder, 'files')
  mkdirSync(files)
  writeFileSync(join(files, 'main.mjs'), 'x')
  const image = await buildImage(
    { name: 'sink', layers: [{ name: 'app', sources: [{ from: files, to: '/app' }] }], entrypoint: ['/app/main.mjs'] },
    new BlobStore(join(folder, 'cache')),
  )
  mkdirSync(join(folder, 'out/sink/blobs/sha256'), { recursive: true })
  writeFileSync(join(folder, 'out/sink/blobs/sha256/old'), 'x')
  const layout = writeLayout(join(folder, 'out'), image, 'tag-1')
  const json = (path: string) => JSON.parse(readFileSync(join(layout, path), 'utf8'))
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`
  assert.equal(json('oci-layout').imageLayoutVersion, '1.0.0')
  const [entry] = json('index.json').manifests
  assert.equal(entry.digest, image.manifest.digest)
  assert.equal(entry.annotations['org.opencontainers.image.ref.name'], 'tag-1')
  const manifest = json(blob(entry.digest))
  for (const { digest, size } of [entry, manifest.config, ...manifest.layers]) {
    const bytes = readFileSync(join(layout, blob(digest)))
    assert.equal(bytes.length, size)
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest)
  }
  assert.equal(readdirSync(join(layout, 'blobs/sha256')).length, 2 + manifest.layers.length)
})
