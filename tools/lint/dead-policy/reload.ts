import { type LoadHookContext, type ResolveHookContext, registerHooks } from 'node:module'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { recorderSource, recorderUrl } from './recorder.ts'

const root = new URL('../../../', import.meta.url).href

/** Policies by the number that a module's URL carries ('…/slot.ts?policies=7'). */
const byTag = new Map<string, Policies>()
const registry = Symbol.for('neurodefender.dead-policy')
Object.assign(globalThis, { [registry]: byTag })

const tagOf = (url: string | undefined): string | undefined =>
  url?.startsWith(root) || url?.startsWith('recorder:')
    ? (new URL(url).searchParams.get('policies') ?? undefined)
    : undefined

/** Of the files that people edit, the names that they export; each stands under its own name in the bundle. */
const dataFiles = new Map<string, readonly string[]>(
  Object.entries({
    'alerting.ts': ['alerting'],
    'caching.ts': ['caching'],
    'cloud.ts': ['cloud'],
    'environments.ts': ['environments'],
    'images.ts': ['images'],
    'monitoring.ts': ['monitoring'],
    'objectives.ts': ['objectives'],
    'operators.ts': ['operators'],
    'regions.ts': ['regions', 'links'],
    'scaling.ts': ['scaling'],
    'services.ts': ['services'],
    'sharding.ts': ['sharding'],
    'storage.ts': ['storage', 'topics', 'buckets'],
    'tracing.ts': ['tracing'],
    'traffic.ts': ['traffic'],
  } as const satisfies Record<string, readonly (keyof Policies)[]>),
)

const folder = fileURLToPath(new URL('policies', root))

const dataOf = (url: string): readonly string[] | undefined => {
  const path = fileURLToPath(url.split('?')[0] as string)
  return dirname(path) === folder ? dataFiles.get(basename(path)) : undefined
}

/** Models and parsers hold no policy: they need not be loaded again. */
const stateless = (url: string): boolean => url.startsWith(`${root}policies/model/`)

registerHooks({
  resolve(specifier, context: ResolveHookContext, next) {
    const tag = tagOf(context.parentURL)
    if (specifier.startsWith('recorder:')) return { url: specifier, format: 'module', shortCircuit: true }
    const parent = context.parentURL ?? ''
    const edge = tag !== undefined && new URL(parent).searchParams.has('alone')
    const own = specifier.startsWith('.') ? new URL(specifier, parent.split('?')[0]).href : undefined
    if (edge && !specifier.startsWith('node:') && !own?.startsWith(`${root}policies/`))
      return { url: recorderUrl(specifier, parent, tag), format: 'module', shortCircuit: true }
    const found = next(specifier, context)
    if (tag === undefined || tagOf(found.url) !== undefined || !found.url.startsWith(root)) return found
    if (found.url.includes('/node_modules/') || stateless(found.url)) return found
    return { ...found, url: `${found.url}?policies=${tag}` }
  },
  load(url: string, context: LoadHookContext, next) {
    const tag = tagOf(url)
    if (tag === undefined) return next(url, context)
    if (url.startsWith('recorder:'))
      return { format: 'module', source: recorderSource(new URL(url)), shortCircuit: true }
    const names = dataOf(url)
    if (names) {
      const all = `globalThis[Symbol.for('neurodefender.dead-policy')].get('${tag}')`
      const source = names.map((name) => `export const ${name} = ${all}.${name}\n`).join('')
      return { format: 'module', source, shortCircuit: true }
    }
    return next(url, context)
  },
})

/** Loads a module of the repository anew, as it is when these are the policies in force. */
export interface Loader {
  readonly policies: Policies
  /** `path` from the repository's root. */
  load<T>(path: string): Promise<T>
  /** The same, with everything that it imports, but for policies, replaced by recorders (see recorder.ts). */
  loadAlone(path: string): Promise<void>
  readonly tag: string
}

let tags = 0

export function loaderFor(of: Policies = policies): Loader {
  const tag = `${tags++}`
  byTag.set(tag, of)
  return {
    policies: of,
    tag,
    load: (path) => import(`${root}${path}?policies=${tag}`),
    loadAlone: (path) => import(`${root}${path}?policies=${tag}&alone=1`),
  }
}
