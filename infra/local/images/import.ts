import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pauseImage } from '../config/node.ts'
import { LocalRegionError } from '../errors.ts'
import { readJson, writeJson } from '../files.ts'
import { command, tryCommand } from '../host/command.ts'
import type { Region } from '../state.ts'
import type { Toolchain } from '../toolchain.ts'
import type { BuiltImage } from './build.ts'
import { header, padding, trailer } from './tar.ts'

export interface ImportOptions {
  readonly region: Pick<Region, 'paths'>
  readonly toolchain: Toolchain
  readonly images: readonly BuiltImage[]
  readonly onProgress?: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings the images that the region's containerd does not have into it, under their digests, and writes `images.json`. Images
 * that neither this nor the previous `images.json` names go. Throws IMAGE_FAILED.
 */
export async function importImages({ region, toolchain, images, onProgress, signal }: ImportOptions): Promise<void> {
  const { paths } = region
  const ctr = ['-a', paths.containerdSocket, '-n', 'k8s.io']
  const list = async (): Promise<Set<string>> =>
    new Set((await command(toolchain.bin('ctr'), [...ctr, 'images', 'ls', '-q'])).split('\n').filter(Boolean))
  const present = await list()
  const wanted = images.flatMap((image) => names(image).map((name) => ({ name, image })))
  const pause = images.find((image) => image.name === 'pause')
  const before = readJson<Record<string, string>>(paths.images) ?? {}
  const missing = wanted.filter(
    ({ name }) => !present.has(name) || (name === pauseImage && before.pause !== pause?.reference),
  )
  if (missing.length) {
    onProgress?.(`importing ${[...new Set(missing.map(({ image }) => image.name))].join(', ')}`)
    await feed(toolchain.bin('ctr'), [...ctr, 'images', 'import', '-'], archive(missing), signal)
  }
  const kept = new Set([...wanted.map(({ name }) => name), ...Object.values(before)])
  const old = [...present].filter((name) => name.startsWith('localhost/neurodefender/') && !kept.has(name))
  if (old.length) await tryCommand(toolchain.bin('ctr'), [...ctr, 'images', 'rm', ...old])
  writeJson(paths.images, Object.fromEntries(images.map((image) => [image.name, image.reference])))
}

/** containerd itself names the pause image, in a configuration written before any image was made. */
const names = (image: BuiltImage): string[] =>
  image.name === 'pause' ? [image.reference, pauseImage] : [image.reference]

/** An OCI image layout of several images as one stream; what they share is in it once. */
async function* archive(
  images: readonly { readonly name: string; readonly image: BuiltImage }[],
): AsyncGenerator<Uint8Array> {
  const text = (path: string, content: string): Buffer[] => {
    const body = Buffer.from(content)
    return [header(file(path, body.length)), body, padding(body.length)]
  }
  yield* text('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const blobs = new Map(images.flatMap(({ image }) => image.blobs.map((blob) => [blob.digest, blob] as const)))
  for (const { digest, size, path } of blobs.values()) {
    yield header(file(`blobs/sha256/${digest.slice('sha256:'.length)}`, size))
    yield* createReadStream(path, { highWaterMark: 2 ** 20 })
    yield padding(size)
  }
  const manifests = images.map(({ name, image }) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...image.manifest,
    annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
  }))
  yield* text('index.json', JSON.stringify({ schemaVersion: 2, manifests }))
  yield trailer()
}

const file = (path: string, size: number) => ({ path, type: 'file' as const, mode: 0o644, uid: 0, gid: 0, size })

/** Gives a program its standard input. What it says counts more than a broken pipe, which follows from it. */
async function feed(
  program: string,
  args: readonly string[],
  input: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], ...(signal ? { signal } : {}) })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  const ended = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      said ||= error.message
      resolve(-1)
    })
    child.on('close', (code) => resolve(code ?? -1))
  })
  const fed = pipeline(Readable.from(input), child.stdin).catch((error: unknown) => error)
  const code = await ended
  const cause = await fed
  signal?.throwIfAborted()
  if (code === 0 && !cause) return
  const full = said.includes('no space left on device')
  throw new LocalRegionError(
    'IMAGE_FAILED',
    full
      ? "The images cannot be imported, for the disk of the region's state is full: make room and run it again."
      : `The images cannot be imported: ${said.trim() || cause}`,
    cause,
  )
}
