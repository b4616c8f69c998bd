import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { BuiltFrom } from '../../stacks/images.ts'
import { pinHash, pins, readLock } from '../engine/pins.ts'
import { bundlePrograms, type ProgramName, programs } from '../region/bundle.ts'
import type { Package } from '../region/packages.ts'

/** Programs that stand in for something of the cloud in a local region. */
const localOnly: ReadonlySet<ProgramName> = new Set(['clickhouse'])

/** Programs whose images the cloud runs. */
export const imagePrograms = (Object.keys(programs) as ProgramName[]).filter((name) => !localOnly.has(name))

/** The Node that `npm install` brought: images must not depend on the machine's own. */
export function nodeOfCheckout(): { readonly path: string; readonly version: string } {
  const manifest = createRequire(import.meta.url).resolve('node/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { path: join(dirname(manifest), 'bin', 'node'), version }
}

/** The Debian packages beneath every image, with the versions that are pinned. */
export function debianPackages() {
  const { debian } = readLock()
  return pins['image-base'].sources
    .flatMap((source) => (source.kind === 'debian' ? source.packages : []))
    .map((name) => ({ name, version: debian[name]!.version, architecture: debian[name]!.architecture }))
}

/** The packages in a bundle. */
export const npmPackages = (bundle: string): readonly Package[] =>
  JSON.parse(readFileSync(join(bundle, 'packages.json'), 'utf8'))

export interface Sources {
  /** Program → folder with its bundle. */
  readonly bundles: Readonly<Record<string, string>>
  /** By image name. */
  readonly builtFrom: Readonly<Record<string, BuiltFrom>>
}

/** Bundles the programs and says what their images are made of. Needs no tools and no network. */
export async function imageSources(cacheRoot: string): Promise<Sources> {
  const bundles = await bundlePrograms(cacheRoot)
  const same = { node: nodeOfCheckout().version, base: pinHash(pins['image-base'], readLock()) }
  const builtFrom = imagePrograms.map((name) => [name, { program: folderHash(bundles[name]), ...same }] as const)
  return { bundles, builtFrom: Object.fromEntries(builtFrom) }
}

function folderHash(folder: string): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}
