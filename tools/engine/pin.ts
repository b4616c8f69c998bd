import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { Cache } from './cache.ts'
import { EngineError } from './error.ts'
import { type DebianPackage, lockFile, type PinsLock, pins } from './pins.ts'
import { Apt } from './sources/apt.ts'
import { checksums, copyJars } from './sources/maven.ts'

export interface PinOptions {
  readonly cache: Cache
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal | undefined
  readonly onProgress: (text: string) => void
}

const sources = Object.values(pins).flatMap((pin) => pin.sources)

async function debian(options: PinOptions): Promise<Record<string, DebianPackage>> {
  const names = [...new Set(sources.flatMap((s) => (s.kind === 'debian' ? s.packages : [])))].sort()
  options.onProgress(`Asking the Debian archive about ${names.length} packages …`)
  return Apt.alone(options, async (apt) => {
    await apt.update()
    const candidates = await apt.candidates(names)
    const missing = names.filter((name) => !candidates[name])
    if (missing.length) throw new EngineError('NO_SOURCE', `The Debian archive has no ${missing.join(', ')}.`)
    return Object.fromEntries(names.map((name) => [name, candidates[name] as DebianPackage]))
  })
}

async function maven(options: PinOptions): Promise<PinsLock['maven']> {
  const jars: Record<string, Record<string, string>> = {}
  for (const source of sources) {
    if (source.kind !== 'maven') continue
    options.onProgress(`Resolving the jars of ${source.pom} …`)
    const folder = options.cache.scratch(`pin-${source.pom}`)
    try {
      mkdirSync(folder, { recursive: true })
      await copyJars(source, folder, options)
      jars[source.pom] = checksums(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return jars
}

/** Writes pins.lock.json anew from what the Debian archive and Maven hand out today. Look at its diff before you commit it. */
export async function writeLock(options: PinOptions): Promise<void> {
  const lock: PinsLock = { debian: await debian(options), maven: await maven(options) }
  writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`)
  options.onProgress(`Wrote ${lockFile}. Look at its diff before you commit it.`)
}
