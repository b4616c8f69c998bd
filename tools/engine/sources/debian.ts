import { EngineError, Unavailable } from '../error.ts'
import type { Making } from '../making.ts'
import type { DebianPackage, DebianPin } from '../pins.ts'
import { finishRootfs, unpack } from '../rootfs.ts'
import { Apt, type Wanted } from './apt.ts'

/** The upstream version's first two numbers; the first alone where a package counts by date. */
export function series(version: string): string {
  const numbers = version.replace(/^\d+:/, '').match(/\d+/g) ?? []
  return Number(numbers[0]) >= 2000 ? 'by date' : numbers.slice(0, 2).join('.')
}

export interface Choice {
  readonly wanted: Wanted[]
  /** Where the archive's candidate stands in for the pinned version. */
  readonly remarks: string[]
}

/**
 * What to fetch: the pinned version while the archive has it; else its signed candidate of the same series (security
 * updates push versions out of the archive). Throws Unavailable with all that neither holds for.
 */
export function choose(
  names: readonly string[],
  pinned: Readonly<Record<string, DebianPackage>>,
  archive: ReadonlyMap<string, readonly string[]>,
): Choice {
  const wanted: Wanted[] = []
  const remarks: string[] = []
  const problems: string[] = []
  for (const name of names) {
    const pin = pinned[name]
    const versions = archive.get(name) ?? []
    const candidate = versions[0]
    if (!pin) problems.push(`${name} is not in pins.lock.json: run node tools/engine/main.ts --pin`)
    else if (versions.includes(pin.version)) wanted.push({ name, version: pin.version, sha256: pin.sha256 })
    else if (candidate && series(candidate) === series(pin.version)) {
      wanted.push({ name, version: candidate })
      remarks.push(`${name} ${pin.version} has left the Debian archive; ${candidate} stands in, signed by the archive`)
    } else
      problems.push(
        candidate ? `${name} is ${candidate} there, not ${pin.version}` : `${name} ${pin.version} is not there`,
      )
  }
  if (problems.length)
    throw new Unavailable(
      `this machine's Debian archive does not fit: ${problems.slice(0, 4).join('; ')}${problems.length > 4 ? `; and ${problems.length - 4} more` : ''}. It must be one of Debian 12 (bookworm)`,
    )
  return { wanted, remarks }
}

async function fetchPackages(pin: DebianPin, making: Making): Promise<Map<string, string>> {
  const { cache, environment, signal, log, lock } = making
  return Apt.alone({ cache, environment, signal, log }, async (apt) => {
    // A list fetched once is good as long as it still leads to the packages.
    for (const fresh of apt.hasLists ? [false, true] : [true]) {
      if (fresh) {
        making.note("fetching the archive's lists")
        await apt.update()
      }
      try {
        const { wanted, remarks } = choose(pin.packages, lock.debian, await apt.versions(pin.packages))
        making.note(`downloading ${wanted.length} packages`)
        const files = await apt.fetch(wanted)
        for (const remark of remarks) making.remark(remark)
        return files
      } catch (error) {
        const stale = error instanceof Unavailable || (error instanceof EngineError && error.code === 'COMMAND_FAILED')
        if (fresh || !stale) throw error
      }
    }
    throw new EngineError('COMMAND_FAILED', `apt brought none of ${pin.packages.length} packages.`)
  })
}

/** Unpacks Debian packages into the artefact; nothing is installed. Throws Unavailable, EngineError. */
export async function fromDebian(pin: DebianPin, making: Making): Promise<void> {
  const files = await making.turn('apt', 'for apt', () => fetchPackages(pin, making))
  making.note(`unpacking ${files.size} packages`)
  for (const name of pin.packages) await unpack(files.get(name) as string, making)
  await finishRootfs(making)
}
