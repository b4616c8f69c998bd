import type { Profile } from '../profile.ts'
import type { Toolchain } from '../toolchain.ts'
import { type BuiltImage, buildImage } from './build.ts'
import { clickhouse } from './clickhouse.ts'
import type { ImageDescription, Ingredients } from './description.ts'
import { alertmanager, coredns, envoy, istiod, kedaAdapter, kedaOperator, prometheus, redis } from './engines.ts'
import { kafka } from './kafka.ts'
import { mlInference } from './onnxruntime.ts'
import { pause } from './pause.ts'
import { program } from './program.ts'
import { BlobStore } from './store.ts'

export type { BuiltImage } from './build.ts'
export { importImages } from './import.ts'

/** Images of other people's software. */
const engines: Readonly<Record<string, (ingredients: Ingredients) => ImageDescription>> = {
  pause,
  coredns,
  kafka,
  redis,
  prometheus,
}

/** Programs of ours that carry native code beside them; the others are `program`. */
const withLibraries: Readonly<Record<string, (ingredients: Ingredients) => ImageDescription>> = {
  clickhouse,
  'ml-inference': mlInference,
}

/** Those that the cloud runs and no local region. */
const cloudEngines: typeof engines = { alertmanager }

/** Those that only the profile `full` runs. */
const fullEngines: typeof engines = { istiod, envoy, 'keda-operator': kedaOperator, 'keda-adapter': kedaAdapter }

export interface BuildOptions {
  readonly toolchain: Toolchain
  readonly cacheRoot: string
  /** Program → folder with its bundled `main.mjs`. `clickhouse` also gets the engine's library. */
  readonly bundles: Readonly<Record<string, string>>
  /** The Node that goes into the images. Default: the one that runs this. */
  readonly node?: string
  /** See Ingredients. */
  readonly prompt?: string
  /** @default core */
  readonly profile?: Profile | undefined
  /** Only these images. Default: all. */
  readonly only?: readonly string[]
  readonly onProgress?: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/** What every image of a region consists of. */
export function describeImages(
  options: Pick<BuildOptions, 'toolchain' | 'bundles' | 'node' | 'prompt' | 'only' | 'profile'>,
): ImageDescription[] {
  const { toolchain, bundles, node = process.execPath, prompt } = options
  const ingredients = { toolchain, node, bundles, ...(prompt === undefined ? {} : { prompt }) }
  const all: Record<string, () => ImageDescription> = {}
  const others = options.profile === 'full' ? { ...engines, ...fullEngines } : engines
  for (const [name, describe] of Object.entries(others)) all[name] = () => describe(ingredients)
  for (const [name, describe] of Object.entries(cloudEngines))
    if (options.only?.includes(name)) all[name] = () => describe(ingredients)
  for (const name of Object.keys(options.bundles))
    all[name] = () => withLibraries[name]?.(ingredients) ?? program(ingredients, name)
  return Object.entries(all)
    .filter(([name]) => !options.only || options.only.includes(name))
    .map(([, describe]) => describe())
}

/** Makes all images in the cache; what is there already is not made again. Throws IMAGE_FAILED. */
export async function buildImages(options: BuildOptions): Promise<BuiltImage[]> {
  const store = new BlobStore(options.cacheRoot)
  const built: BuiltImage[] = []
  for (const description of describeImages(options)) {
    options.signal?.throwIfAborted()
    built.push(
      await buildImage(description, store, (layer) => options.onProgress?.(`${description.name}: layer ${layer}`)),
    )
  }
  return built
}
