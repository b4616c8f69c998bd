import { createHash } from 'node:crypto'
import { accessSync, constants, realpathSync, statSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from '../command.ts'
import type { Pin, Program } from '../pins.ts'

/** Programs that somebody else installed, all from one place. */
export interface Found {
  /** 'PATH', or the folder that NEURODEFENDER_TOOLS names. */
  readonly place: string
  readonly files: Readonly<Record<string, string>>
  /** Changes when one of the files does. */
  readonly hash: string
}

function executable(folder: string, name: string): string | undefined {
  const file = join(folder, name)
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile() ? realpathSync(file) : undefined
  } catch {
    return undefined
  }
}

/** Looks for all of the artefact's programs in these folders; the first folder that has one provides it. */
export function find(pin: Pin, place: string, folders: readonly string[]): Found | { readonly missing: string[] } {
  const files: Record<string, string> = {}
  const missing: string[] = []
  const hash = createHash('sha256')
  for (const name of Object.keys(pin.found ?? {})) {
    const file = folders.map((folder) => executable(folder, name)).find((path) => path !== undefined)
    if (!file) {
      missing.push(name)
      continue
    }
    files[name] = file
    const { size, mtimeMs } = statSync(file)
    hash.update(`${name}\0${file}\0${size}\0${mtimeMs}\0`)
  }
  if (missing.length || Object.keys(files).length === 0) return { missing }
  return { place, files, hash: hash.digest('hex').slice(0, 12) }
}

export const foldersOfPath = (path: string | undefined): string[] => (path ?? '').split(delimiter).filter(Boolean)

const majorMinor = (version: string): string => version.split('.').slice(0, 2).join('.')

async function version(file: string, program: Program, signal: AbortSignal | undefined): Promise<string | undefined> {
  const said = await run(file, program.ask, { signal, timeout: 10_000 }).catch((error: Error) => {
    if (signal?.aborted) throw error
    return error.message
  })
  return program.answer.exec(said)?.[1]
}

/** Why these programs do not fit, a phrase; undefined when every one is of the pinned major and minor version. */
export async function misfit(found: Found, pin: Pin, signal: AbortSignal | undefined): Promise<string | undefined> {
  const wanted = majorMinor(pin.version)
  for (const [name, program] of Object.entries(pin.found ?? {})) {
    const have = await version(found.files[name] as string, program, signal)
    if (!have) return `${name} in ${found.place} does not tell its version`
    if (majorMinor(have) !== wanted) return `${name} in ${found.place} is ${have}, not ${wanted}`
  }
  return undefined
}

/** Fills an artefact's folder with links to the programs. */
export function linkFound(found: Found, pin: Pin, folder: string): void {
  for (const [name, path] of Object.entries(pin.programs)) symlinkSync(found.files[name] as string, join(folder, path))
}
