import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A line in each wrapper, by which one is told from an official plugin. */
const mark = '# Neurodefender stand-in'
const checkout = fileURLToPath(new URL('../../..', import.meta.url))

/** What a stand-in runs: a program of the checkout, and arguments that come before the engine's. */
const programs = {
  'pulumi-language-nodejs': ['tools/engine/pulumi/language/main.ts'],
  'pulumi-resource-kubernetes': ['tools/engine/pulumi/kubernetes/main.ts'],
  'pulumi-analyzer-policy': ['tools/engine/pulumi/policy/main.ts'],
  'pulumi-resource-aws': ['tools/engine/pulumi/preview-only/main.ts', 'aws'],
  'pulumi-resource-random': ['tools/engine/pulumi/preview-only/main.ts', 'random'],
} as const satisfies Record<string, readonly [program: string, ...argv: string[]]>

export type PluginName = keyof typeof programs

export interface StandInOptions {
  /** The engine. Official language plugins come in the same folder. */
  readonly pulumi: string
  readonly env?: NodeJS.ProcessEnv
  /** Which plugins may be stood in for; the engine gets the rest itself. @default all */
  readonly plugins?: readonly PluginName[]
}

export interface StandIns {
  /** The folder to put first on PATH: the engine and its plugins. */
  readonly bin: string
  /** Which of them stand in for an official plugin that this machine does not have. */
  readonly standIns: readonly PluginName[]
}

/**
 * Makes `dir/bin` with the engine and its plugins: the official ones where this machine has them, otherwise wrappers
 * around our stand-ins, run by this checkout's Node. May be called again and from several processes at once.
 */
export function installStandIns(dir: string, options: StandInOptions): StandIns {
  const { pulumi, env = process.env, plugins = Object.keys(programs) as PluginName[] } = options
  const bin = join(dir, 'bin')
  mkdirSync(bin, { recursive: true })
  link(bin, 'pulumi', realpathSync(pulumi))
  const standIns: PluginName[] = []
  for (const name of plugins) {
    const official = findOfficial(name, { pulumi, env })
    if (official) link(bin, name, official)
    else {
      standIns.push(name)
      place(bin, name, (path) => writeFileSync(path, wrapper(programs[name]), { mode: 0o755 }))
    }
  }
  return { bin, standIns }
}

/** The official plugin, if this machine has it: beside the engine, on PATH, or in a plugin folder of Pulumi's. */
function findOfficial(name: PluginName, { pulumi, env = process.env }: StandInOptions): string | undefined {
  const beside = dirname(realpathSync(pulumi))
  const homes = [env.PULUMI_HOME, join(env.HOME ?? homedir(), '.pulumi')].filter((home) => home !== undefined)
  const kind = name.slice('pulumi-'.length)
  const installed = homes.flatMap((home) =>
    folders(join(home, 'plugins'))
      .filter((folder) => folder.startsWith(`${kind}-v`))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((folder) => join(home, 'plugins', folder)),
  )
  return [beside, ...(env.PATH ?? '').split(delimiter), ...installed]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter((path) => isExecutable(path) && !isStandIn(path))
    .map((path) => realpathSync(path))[0]
}

const wrapper = ([program, ...argv]: readonly [string, ...string[]]): string => `#!/bin/sh
${mark} for a plugin that this machine does not have: see docs/pulumi.md.
exec ${[process.execPath, join(checkout, program), ...argv].map(quote).join(' ')} "$@"
`

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const link = (bin: string, name: string, target: string): void => place(bin, name, (path) => symlinkSync(target, path))

/** Puts a file in place in one step, so that a run beside this one never sees half of it. */
export function place(bin: string, name: string, write: (path: string) => void): void {
  const temporary = join(bin, `.${name}-${randomBytes(6).toString('hex')}`)
  try {
    write(temporary)
    renameSync(temporary, join(bin, name))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

const folders = (path: string): string[] => (existsSync(path) ? readdirSync(path) : [])

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whether a file is one of our wrappers, of this checkout or another one. Binaries are read no further than needed. */
const isStandIn = (path: string): boolean => readFileSync(path).subarray(0, 200).toString('latin1').includes(mark)
