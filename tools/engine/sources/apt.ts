import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Cache } from '../cache.ts'
import { run } from '../command.ts'
import { EngineError, Unavailable } from '../error.ts'
import { lock } from '../lock.ts'
import type { DebianPackage } from '../pins.ts'

const missing = 'It comes with Debian and its derivatives, and the packages of Debian 12 are what this needs.'

/** Options of the caller's that every apt command takes. */
export interface AptOptions {
  readonly cache: Cache
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal | undefined
  readonly log?: string
}

/** A package to fetch: its version, and the checksum where one is pinned. */
export interface Wanted {
  readonly name: string
  readonly version: string
  readonly sha256?: string
}

/**
 * apt on private lists: it reads the machine's sources and keyrings, and writes nowhere but into the cache. The machine's
 * hooks do not run. Everything it hands out is signed by the archive, or has the pinned checksum, or both.
 */
export class Apt {
  readonly #options: AptOptions
  readonly #folder: string

  private constructor(options: AptOptions) {
    this.#options = options
    this.#folder = options.cache.path('apt')
  }

  /** Throws Unavailable on a machine without apt. */
  static async open(options: AptOptions): Promise<Apt> {
    const apt = new Apt(options)
    const settings = await run('apt-config', ['dump'], { env: options.environment, signal: options.signal }).catch(
      (error: unknown) => {
        if (error instanceof EngineError && error.code === 'TOOL_MISSING')
          throw new Unavailable(`apt is missing. ${missing}`, { cause: error })
        throw error
      },
    )
    const folder = apt.#folder
    for (const part of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(folder, part), { recursive: true })
    writeFileSync(join(folder, 'status'), '', { flag: 'a' })
    const acquire = settings.split('\n').filter((line) => line.startsWith('Acquire::'))
    writeFileSync(
      join(folder, 'apt.conf'),
      [
        ...acquire,
        `Dir::State "${folder}/state";`,
        `Dir::State::lists "${folder}/state/lists";`,
        `Dir::State::status "${folder}/status";`,
        `Dir::Cache "${folder}/cache";`,
        'Dir::Etc::parts "/dev/null";',
        'Dir::Etc::main "/dev/null";',
        'APT::Sandbox::User "root";',
        'APT::Architecture "amd64";',
        'Acquire::Languages "none";',
        'Acquire::Retries "2";',
        'Acquire::http::Timeout "20";',
        'Acquire::https::Timeout "20";',
        '',
      ].join('\n'),
    )
    return apt
  }

  #run(command: string, args: readonly string[], cwd?: string): Promise<string> {
    const { environment, signal, log } = this.#options
    const env = { ...environment, APT_CONFIG: join(this.#folder, 'apt.conf'), LC_ALL: 'C' }
    return run(command, args, { env, signal, ...(log ? { log } : {}), ...(cwd ? { cwd } : {}) })
  }

  get hasLists(): boolean {
    return readdirSync(join(this.#folder, 'state/lists')).some((name) => name.endsWith('Release'))
  }

  /** Fetches the archive's lists. A source of the machine's that fails is passed over: what is missing shows later. */
  async update(): Promise<void> {
    await this.#run('apt-get', ['update', '-q']).catch((error: unknown) => {
      if (error instanceof EngineError && error.code === 'COMMAND_FAILED' && this.hasLists) return
      throw error
    })
  }

  /** The versions that the archive has now, by package, best first. */
  async versions(names: readonly string[]): Promise<Map<string, string[]>> {
    return parseMadison(await this.#run('apt-cache', ['madison', ...names]))
  }

  /** The archive's own signed description of its current candidates. */
  async candidates(names: readonly string[]): Promise<Record<string, DebianPackage>> {
    return parseShow(await this.#run('apt-cache', ['show', '--no-all-versions', ...names]))
  }

  /** Downloads packages into the cache and returns their files by name. Throws EngineError CHECKSUM. */
  async fetch(wanted: readonly Wanted[]): Promise<Map<string, string>> {
    const { cache } = this.#options
    const files = new Map(wanted.map((w) => [w.name, cache.path('debs', debFile(w))]))
    const needed = wanted.filter((w) => !existsSync(files.get(w.name) as string))
    if (needed.length === 0) return files
    const folder = cache.scratch('debs')
    try {
      await this.#run('apt-get', ['download', '-q', ...needed.map((w) => `${w.name}=${w.version}`)], folder)
      const fetched = new Map(readdirSync(folder).map((name) => [name.split('_')[0] as string, join(folder, name)]))
      for (const w of needed) {
        const file = fetched.get(w.name)
        if (!file)
          throw new EngineError('COMMAND_FAILED', `apt-get download brought no file for ${w.name} ${w.version}.`)
        if (w.sha256 && (await sha256(file)) !== w.sha256)
          throw new EngineError(
            'CHECKSUM',
            `The package ${w.name} ${w.version} from the Debian archive is not the pinned file. If the archive is right, write the new checksum with: node tools/engine/main.ts --pin`,
          )
        renameSync(file, files.get(w.name) as string)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    return files
  }

  /** Runs the body alone: apt's folder takes one command at a time, also between processes. */
  static async alone<T>(options: AptOptions, body: (apt: Apt) => Promise<T>): Promise<T> {
    const release = await lock(options.cache.path('locks', 'apt'), { signal: options.signal })
    try {
      return await body(await Apt.open(options))
    } finally {
      release()
    }
  }
}

export const debFile = (w: Wanted): string => `${w.name}_${encodeURIComponent(w.version)}.deb`

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** `apt-cache madison` prints: name | version | source, the best version first. */
export function parseMadison(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [name, version, source] = line.split('|').map((part) => part.trim())
    if (!name || !version || source?.endsWith('Sources')) continue
    const versions = found.get(name) ?? []
    found.set(name, versions)
    if (!versions.includes(version)) versions.push(version)
  }
  return found
}

/** `apt-cache show` prints paragraphs of 'Field: value'. */
export function parseShow(text: string): Record<string, DebianPackage> {
  const packages: Record<string, DebianPackage> = {}
  for (const paragraph of text.split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? ''
    const name = field('Package')
    if (name)
      packages[name] = {
        version: field('Version'),
        architecture: field('Architecture'),
        sha256: field('SHA256'),
        size: Number(field('Size')),
      }
  }
  return packages
}
