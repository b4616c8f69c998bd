import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../command.ts'
import { EngineError, Unavailable } from '../error.ts'
import type { Making } from '../making.ts'
import { type MavenPin, pomFile } from '../pins.ts'

/** Copies the pom's runtime dependencies into a folder. Throws Unavailable without Maven, EngineError when it fails. */
export async function copyJars(
  pin: MavenPin,
  folder: string,
  options: Pick<Making, 'environment' | 'signal'> & { readonly log?: string },
): Promise<void> {
  const versions = Object.entries(pin.versions).map(([name, value]) => `-D${name}=${value}`)
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
  await run('mvn', ['--batch-mode', '--strict-checksums', '-q', '-f', pomFile(pin.pom), ...versions, ...goal], {
    env: options.environment,
    signal: options.signal,
    ...(options.log ? { log: options.log } : {}),
  }).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'TOOL_MISSING')
      throw new Unavailable(
        `Maven is missing. Install it with a Java of 17 or newer (Debian: apt-get install maven) and put mvn on PATH.`,
        { cause: error },
      )
    throw error
  })
}

/** SHA-256 of each file in a folder, by name. */
export const checksums = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )

/** What differs between the pinned and the copied jars, a phrase each. */
export function differences(
  pinned: Readonly<Record<string, string>>,
  copied: Readonly<Record<string, string>>,
): string[] {
  const names = [...new Set([...Object.keys(pinned), ...Object.keys(copied)])].sort()
  return names.flatMap((name) => {
    if (pinned[name] === copied[name]) return []
    if (!pinned[name]) return [`${name} is not pinned`]
    return [copied[name] ? `${name} is not the pinned file` : `${name} is missing`]
  })
}

/** Throws Unavailable without Maven, EngineError CHECKSUM when the jars are not the pinned ones. */
export async function fromMaven(pin: MavenPin, making: Making): Promise<void> {
  making.note('resolving and downloading jars')
  await copyJars(pin, making.folder, making)
  making.note('checking')
  const wrong = differences(making.lock.maven[pin.pom] ?? {}, checksums(making.folder))
  if (wrong.length)
    throw new EngineError(
      'CHECKSUM',
      `The jars for ${making.id} are not the pinned ones: ${wrong.slice(0, 5).join('; ')}${wrong.length > 5 ? `; and ${wrong.length - 5} more` : ''}. ` +
        `Look at what changed; if it is meant, write the new checksums with: node tools/engine/main.ts --pin`,
    )
}
