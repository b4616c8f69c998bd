import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownerOf, ownerText, parseOwner } from './lock.ts'

/** What is known of a finished artefact. */
export interface Finished {
  readonly source: string
  readonly milliseconds: number
  /** What differs from the pins, one sentence each. */
  readonly remarks: readonly string[]
}

let serial = 0

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Folders of the cache that `make up` makes of artefacts and sources in seconds, and that grow with every edit. */
const derived = ['images', 'bundles'] as const

/** The toolchain's folder outside the checkout: finished artefacts, downloads, locks, logs, and how long each artefact took. */
export class Cache {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** The path of something in the cache; its folder exists. */
  path(folder: 'artefacts' | 'debs' | 'locks' | 'log' | 'usual' | 'apt', ...rest: string[]): string {
    mkdirSync(join(this.root, folder), { recursive: true })
    return join(this.root, folder, ...rest)
  }

  artefact(name: string): string {
    return this.path('artefacts', name)
  }

  has(name: string): boolean {
    return existsSync(join(this.root, 'artefacts', name)) && existsSync(join(this.root, 'artefacts', `${name}.json`))
  }

  /** A new folder beside the artefacts, named after this process so that a later run can tell that it was abandoned. */
  scratch(name: string): string {
    const folder = this.path('artefacts', `.${name}.${ownerText(ownerOf(process.pid)).replace(' ', '-')}.${serial++}`)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Puts a finished folder in its place, at once or not at all. */
  complete(made: string, name: string, record: Finished): void {
    const note = `${made}.json`
    writeFileSync(note, `${JSON.stringify(record)}\n`)
    rmSync(this.artefact(name), { recursive: true, force: true })
    renameSync(made, this.artefact(name))
    renameSync(note, this.artefact(`${name}.json`))
  }

  record(name: string): Finished | undefined {
    try {
      return JSON.parse(readFileSync(this.artefact(`${name}.json`), 'utf8')) as Finished
    } catch {
      return undefined
    }
  }

  /** How long this artefact took from this source when it was last made here, milliseconds. */
  usual(id: string, source: string): number | undefined {
    try {
      const value = Number(readFileSync(join(this.root, 'usual', `${id}-${source}`), 'utf8'))
      return value > 0 ? value : undefined
    } catch {
      return undefined
    }
  }

  remember(id: string, source: string, milliseconds: number): void {
    writeFileSync(this.path('usual', `${id}-${source}`), String(Math.round(milliseconds)))
  }

  /** Bytes that can still be written here. */
  free(): number {
    mkdirSync(this.root, { recursive: true })
    const disk = statfsSync(this.root)
    return disk.bavail * disk.bsize
  }

  /** Removes what processes that no longer live left half-made. */
  sweep(): void {
    const folder = this.path('artefacts')
    for (const name of readdirSync(folder)) {
      const match = /^\..*\.(\d+-\d+)\.\d+(\.json)?$/.exec(name)
      const owner = match && parseOwner((match[1] as string).replace('-', ' '))
      if (owner && !isAlive(owner)) rmSync(join(folder, name), { recursive: true, force: true })
    }
    const locks = this.path('locks')
    for (const name of readdirSync(locks)) {
      if (!/\.\d+\.\d+(\.dead)?$/.test(name)) continue
      const owner = parseOwner(readIfThere(join(locks, name)))
      if (owner && !isAlive(owner)) rmSync(join(locks, name), { force: true })
    }
  }

  /** Removes finished artefacts and packages that are not among those to keep. Returns what was removed. */
  clean(keepArtefacts: ReadonlySet<string>, keepDebs: ReadonlySet<string>): string[] {
    this.sweep()
    const removed: string[] = []
    for (const name of readdirSync(this.path('artefacts'))) {
      if (name.startsWith('.') || keepArtefacts.has(name.replace(/\.json$/, ''))) continue
      rmSync(this.artefact(name), { recursive: true, force: true })
      if (!name.endsWith('.json')) removed.push(name)
    }
    for (const name of readdirSync(this.path('debs'))) {
      if (keepDebs.has(name)) continue
      rmSync(this.path('debs', name), { recursive: true, force: true })
      removed.push(name)
    }
    rmSync(this.path('log'), { recursive: true, force: true })
    for (const name of derived) {
      if (!existsSync(join(this.root, name))) continue
      rmSync(join(this.root, name), { recursive: true, force: true })
      removed.push(name)
    }
    return removed
  }
}
