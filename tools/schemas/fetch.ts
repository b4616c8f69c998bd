import { readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { run } from '../engine/command.ts'
import { EngineError } from '../engine/error.ts'
import { goEnvironment } from '../engine/sources/go.ts'
import { type Definition, isDefinition } from './crd.ts'
import type { ModulePin } from './modules.ts'

export interface FetchOptions {
  readonly environment: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
}

/** Where the module's archive lies unpacked. Throws EngineError: TOOL_MISSING, COMMAND_FAILED, CHECKSUM for another archive than the pinned one. */
export async function fetchModule(pin: ModulePin, { environment, signal }: FetchOptions): Promise<string> {
  const said = await run('go', ['mod', 'download', '-json', `${pin.module}@${pin.version}`], {
    // Outside every module, so that no go.mod has a say.
    cwd: tmpdir(),
    env: goEnvironment(environment),
    signal,
    missing: 'Install Go and put it on PATH: modules are fetched by it.',
  })
  const { Dir, Sum } = JSON.parse(said) as { readonly Dir: string; readonly Sum: string }
  if (Sum !== pin.sum)
    throw new EngineError(
      'CHECKSUM',
      `${pin.module} ${pin.version} is ${Sum} and should be ${pin.sum}: it is another archive than tools/schemas/modules.ts pins.`,
    )
  return Dir
}

/** Every custom resource definition in a file, or in the files of a folder. */
function definitionsIn(path: string): readonly Definition[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(path, name))
    : [path]
  return files.flatMap((file) => (loadAll(readFileSync(file, 'utf8')) as unknown[]).filter(isDefinition))
}

/** The custom resource definitions of a module; of Kubernetes itself, none. Throws as fetchModule, and RangeError where there should be some. */
export async function fetchDefinitions(pin: ModulePin, options: FetchOptions): Promise<readonly Definition[]> {
  if (!('crds' in pin.holds)) return []
  const folder = await fetchModule(pin, options)
  const definitions = pin.holds.crds.flatMap((path) => definitionsIn(join(folder, path)))
  if (definitions.length === 0)
    throw new RangeError(`${pin.module} ${pin.version} has no definitions in ${pin.holds.crds.join(', ')}.`)
  return definitions
}
