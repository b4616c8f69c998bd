import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalRegionError } from '../errors.ts'
import { readJson, writeFileAtomic, writeJson } from '../files.ts'
import type { LayerDescription } from './description.ts'
import { header, padding, trailer } from './tar.ts'
import { type LayerEntry, layerEntries } from './tree.ts'

/** Content known by its SHA-256. */
export interface Blob {
  /** `sha256:<hex>` */
  readonly digest: string
  readonly size: number
}

/** Counted up when the same sources shall give other bytes than before. */
const format = 1

/** Layers, configurations and manifests by digest below `<cache>/images`; a layer is made once for the same sources. */
export class BlobStore {
  readonly #root: string

  constructor(cacheRoot: string) {
    this.#root = join(cacheRoot, 'images')
    for (const folder of ['blobs', 'keys']) mkdirSync(join(this.#root, folder), { recursive: true })
  }

  path(digest: string): string {
    return join(this.#root, 'blobs', digest.replace('sha256:', ''))
  }

  put(content: string): Blob {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    if (!existsSync(this.path(digest))) writeFileAtomic(this.path(digest), content, 0o644)
    return { digest, size: Buffer.byteLength(content) }
  }

  /** The layer's archive, from the cache when its sources look as they did. Throws IMAGE_FAILED. */
  async layer(layer: LayerDescription, made?: (name: string) => void): Promise<Blob> {
    const entries = layerEntries(layer)
    const hash = createHash('sha256').update(`${format}`)
    for (const { content: _, ...entry } of entries) hash.update(JSON.stringify(entry))
    const key = join(this.#root, 'keys', `${hash.digest('hex')}.json`)
    const known = readJson<Blob>(key)
    if (known && existsSync(this.path(known.digest)) && statSync(this.path(known.digest)).size === known.size)
      return known
    made?.(layer.name)
    const temporary = join(this.#root, 'blobs', `.${layer.name}.${process.pid}`)
    try {
      const blob = await writeArchive(temporary, entries)
      renameSync(temporary, this.path(blob.digest))
      writeJson(key, blob, 0o644)
      return blob
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
      throw new LocalRegionError(
        'IMAGE_FAILED',
        full
          ? `The disk of ${this.#root} is full: layer '${layer.name}' needs ${mebibytes(entries)} MiB. Make room, or set NEURODEFENDER_CACHE to another disk.`
          : `Layer '${layer.name}' cannot be made: ${error instanceof Error ? error.message : error}`,
        error,
      )
    } finally {
      rmSync(temporary, { force: true })
    }
  }
}

const mebibytes = (entries: readonly LayerEntry[]): number =>
  Math.ceil(entries.reduce((sum, e) => sum + e.size, 0) / 2 ** 20)

async function writeArchive(path: string, entries: readonly LayerEntry[]): Promise<Blob> {
  const hash = createHash('sha256')
  const file = await open(path, 'w', 0o644)
  let size = 0
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (chunk.length === 0) return
    hash.update(chunk)
    size += chunk.length
    await file.writeFile(chunk)
  }
  try {
    for (const entry of entries) {
      await write(header(entry))
      if (!entry.content) continue
      let written = 0
      for await (const chunk of contentOf(entry)) {
        written += chunk.length
        await write(chunk)
      }
      if (written !== entry.size) throw new Error(`'/${entry.path}' changed while it was read. Run it again.`)
      await write(padding(entry.size))
    }
    await write(trailer())
    await file.sync()
  } finally {
    await file.close()
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

function contentOf({ content }: LayerEntry): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (content && 'file' in content) return createReadStream(content.file, { highWaterMark: 2 ** 20 })
  return [Buffer.from(content?.text ?? '')]
}
