import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ArtefactId } from '../../infra/local/toolchain.ts'
import { images } from '../../policies/images.ts'
import type { BuiltFrom } from '../../stacks/images.ts'
import { pinHash, pins, readLock } from '../engine/pins.ts'
import { bundlePrograms } from '../region/bundle.ts'
import type { Package } from '../region/packages.ts'
import type { DebianPackage, Inventory } from './inventory.ts'

/** Images that the cloud runs and this repository makes. */
export const imageNames = Object.entries(images).flatMap(([name, { from }]) => (from === 'sources' ? [name] : []))

/** What an image that is no program of ours is made of, beneath nothing of ours. */
const artefacts: Readonly<Record<string, ArtefactId>> = {
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
  pause: 'node-runtime',
}

/** The Node that `npm install` brought: images must not depend on the machine's own. */
export function nodeOfCheckout(): { readonly path: string; readonly version: string } {
  const manifest = createRequire(import.meta.url).resolve('node/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { path: join(dirname(manifest), 'bin', 'node'), version }
}

/** Packages of an artefact, with the versions that are pinned. */
function debian(artefact: ArtefactId): readonly DebianPackage[] {
  const { debian } = readLock()
  return pins[artefact].sources
    .flatMap((source) => (source.kind === 'debian' ? source.packages : []))
    .map((name) => ({ name, version: debian[name]!.version, architecture: debian[name]!.architecture }))
}

/** What an image holds of others. */
export function held(name: string, { bundles }: Pick<Sources, 'bundles'>): Omit<Inventory, 'name' | 'digest'> {
  // Of its artefact it has one file.
  if (name === 'pause') return { debian: debian('node-runtime').filter((one) => one.name === 'catatonit'), npm: [] }
  const base = debian('image-base')
  const artefact = artefacts[name]
  if (artefact) return { debian: [...base, ...debian(artefact)], npm: [] }
  const npm = JSON.parse(readFileSync(join(bundles[name]!, 'packages.json'), 'utf8')) as readonly Package[]
  return { debian: base, npm, node: nodeOfCheckout().version }
}

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
  const lock = readLock()
  const made = (name: string): string => {
    const artefact = artefacts[name]
    return artefact ? pinHash(pins[artefact], lock) : folderHash(bundles[name as keyof typeof bundles])
  }
  const builtFrom = imageNames.map((name) => [name, { program: made(name), ...same }] as const)
  return { bundles, builtFrom: Object.fromEntries(builtFrom) }
}

function folderHash(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}
