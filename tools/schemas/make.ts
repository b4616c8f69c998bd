import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defaultCacheRoot } from '../../infra/local/state.ts'
import { Cache } from '../engine/cache.ts'
import { lock } from '../engine/lock.ts'
import { crdSchemas } from './crd.ts'
import { type FetchOptions, fetchDefinitions, fetchModule } from './fetch.ts'
import { type ModulePin, modules } from './modules.ts'
import { kubernetesSchemas, type OpenApi } from './openapi.ts'
import { ownSchemas } from './own.ts'
import type { Schema, Schemas } from './schema.ts'

export interface MakeOptions extends Partial<FetchOptions> {
  /** Default: the toolchain's cache. */
  readonly cacheRoot?: string
  readonly onProgress?: (text: string) => void
}

/** Everything that decides what the schemas say: the pins and this code. */
function fingerprint(): string {
  const hash = createHash('sha256').update(JSON.stringify(modules))
  for (const name of ['crd', 'openapi', 'own', 'schema', 'make'])
    hash.update(readFileSync(join(import.meta.dirname, `${name}.ts`)))
  return hash.digest('hex').slice(0, 12)
}

/** Kubernetes' own description, which also says what metadata and pods are in the objects of others. */
export async function kubernetesApi(options: FetchOptions): Promise<OpenApi> {
  const pin = modules.find(({ holds }) => 'openapi' in holds) as ModulePin & { holds: { openapi: string } }
  const folder = await fetchModule(pin, options)
  return JSON.parse(readFileSync(join(folder, pin.holds.openapi), 'utf8')) as OpenApi
}

async function all(options: FetchOptions, onProgress: (text: string) => void): Promise<Schemas> {
  const api = await kubernetesApi(options)
  const schemas = new Map<string, Schema>([...kubernetesSchemas(api), ...ownSchemas(api)])
  for (const pin of modules) {
    if (!('crds' in pin.holds)) continue
    onProgress(`Reading the definitions of ${pin.module} ${pin.version} …`)
    for (const definition of await fetchDefinitions(pin, options))
      for (const [path, schema] of crdSchemas(definition, api)) schemas.set(path, schema)
  }
  return schemas
}

/** Writes schemas into a folder, each where kubeconform looks for it. */
export function writeSchemas(schemas: Schemas, folder: string): void {
  for (const [path, schema] of schemas) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(schema))
  }
}

/**
 * The folder with a schema for every kind that Kubernetes and the operators know: made once for these pins, then found in the cache.
 * Throws EngineError.
 */
export async function ensureSchemas(options: MakeOptions = {}): Promise<string> {
  const { environment = process.env, signal, onProgress = () => {} } = options
  const cache = new Cache(options.cacheRoot ?? defaultCacheRoot(environment))
  const name = `schemas-${fingerprint()}`
  if (cache.has(name)) return cache.artefact(name)
  const release = await lock(cache.path('locks', 'schemas'), { signal })
  try {
    if (cache.has(name)) return cache.artefact(name)
    const started = performance.now()
    const folder = cache.scratch('schemas')
    try {
      writeSchemas(await all({ environment, signal }, onProgress), folder)
      cache.complete(folder, name, { source: 'go', milliseconds: performance.now() - started, remarks: [] })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    return cache.artefact(name)
  } finally {
    release()
  }
}
