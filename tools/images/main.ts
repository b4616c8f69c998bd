import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeJson } from '../../infra/local/files.ts'
import { type BuiltImage, buildImages } from '../../infra/local/images/index.ts'
import { defaultCacheRoot } from '../../infra/local/state.ts'
import { images } from '../../policies/images.ts'
import { type ImageLock, imageLockFile, readImageLock } from '../../stacks/images.ts'
import { ensure } from '../engine/ensure.ts'
import { digestDifferences, sourceDifferences } from './compare.ts'
import { cycloneDx } from './inventory.ts'
import { writeLayout } from './layout.ts'
import { held, imageNames, imageSources, nodeOfCheckout, type Sources } from './sources.ts'
import { vendorCopies } from './vendors.ts'

const usage = `usage: node tools/images/main.ts build --out DIR
       node tools/images/main.ts lock [--check]
       node tools/images/main.ts vendors

The images that the cloud runs: ${imageNames.join(', ')}.

  build --out DIR   make them as OCI layouts DIR/<name>, exactly those that the lock names, and say what each holds in
                    DIR/<name>.cdx.json (CycloneDX); fails when they are others
  lock              make them and write their digests into stacks/images.lock.json
  vendors           the images that are copied of vendors: name, the vendor's tag, its digest, the tag in our registry
  lock --check      say whether the lock is of these sources; makes nothing, needs no network`

const stale = "Run 'node tools/images/main.ts lock' and commit stacks/images.lock.json."

class ImagesError extends Error {
  readonly code: 'STALE_LOCK' | 'USAGE'
  constructor(code: ImagesError['code'], message: string) {
    super(message)
    this.code = code
  }
}

const demand = (what: string, differences: readonly string[]): void => {
  if (differences.length > 0)
    throw new ImagesError('STALE_LOCK', `${what}\n${differences.map((d) => `  - ${d}`).join('\n')}\n${stale}`)
}

const tagOf = (digest: string): string => digest.slice('sha256:'.length, 'sha256:'.length + 16)

async function make({ bundles }: Sources, cacheRoot: string): Promise<readonly BuiltImage[]> {
  const toolchain = await ensure(['image-base', 'node-runtime', 'prometheus', 'alertmanager'], {
    cacheRoot,
    onProgress: (text) => console.error(text),
  })
  return buildImages({ toolchain, cacheRoot, bundles, node: nodeOfCheckout().path, only: imageNames })
}

async function build(out: string, cacheRoot: string): Promise<void> {
  const lock = readImageLock()
  const sources = await imageSources(cacheRoot)
  demand('The lock is not of these sources:', sourceDifferences(lock, sources.builtFrom))
  const images = await make(sources, cacheRoot)
  demand(
    'The images are not those that the lock names:',
    digestDifferences(
      lock,
      images.map(({ name, manifest }) => ({ name, digest: manifest.digest })),
    ),
  )
  mkdirSync(out, { recursive: true })
  for (const image of images) {
    const { name, manifest } = image
    const { digest } = manifest
    writeFileSync(join(out, `${name}.cdx.json`), cycloneDx({ name, digest, ...held(name, sources) }))
    console.log(`${name} ${digest} ${tagOf(digest)} ${writeLayout(out, image, tagOf(digest))}`)
  }
}

async function lock(cacheRoot: string): Promise<void> {
  const sources = await imageSources(cacheRoot)
  const images = await make(sources, cacheRoot)
  const locked: ImageLock = Object.fromEntries(
    images
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, manifest: { digest } }) => [
        name,
        { digest, tag: tagOf(digest), builtFrom: sources.builtFrom[name]! },
      ]),
  )
  writeJson(imageLockFile, locked, 0o644)
  for (const [name, { digest }] of Object.entries(locked)) console.log(`${name} ${digest}`)
}

async function check(cacheRoot: string): Promise<void> {
  const { builtFrom } = await imageSources(cacheRoot)
  demand('The lock is not of these sources:', sourceDifferences(readImageLock(), builtFrom))
  console.log('The lock is of these sources.')
}

/** Runs the command line and returns its exit status. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        out: { type: 'string' },
        check: { type: 'boolean', default: false },
      },
    })
    const [command, ...rest] = positionals
    const cacheRoot = defaultCacheRoot()
    if (values.help) console.log(usage)
    else if (command === 'build' && rest.length === 0 && values.out) await build(values.out, cacheRoot)
    else if (command === 'lock' && rest.length === 0 && !values.out)
      await (values.check ? check(cacheRoot) : lock(cacheRoot))
    else if (command === 'vendors' && rest.length === 0 && !values.out)
      for (const { name, tagged, exact, tag } of vendorCopies(images)) console.log(`${name} ${tagged} ${exact} ${tag}`)
    else throw new ImagesError('USAGE', usage)
    return 0
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown }
    if (typeof code !== 'string') throw error
    console.error(`images: ${(error as Error).message}`)
    return code === 'USAGE' || code.startsWith('ERR_PARSE_ARGS') ? 2 : 1
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
