import { chmodSync, copyFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from '../command.ts'
import { EngineError, Unavailable } from '../error.ts'
import type { Making } from '../making.ts'
import { type GoPin, goFolder, oldestGo } from '../pins.ts'

const advice = `Install Go ${oldestGo} or newer and put it on PATH`

/** Whether version 'a' is at least 'b', by their numbers. */
export function atLeast(a: string, b: string): boolean {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (const [i, wanted] of right.entries()) {
    const have = left[i] ?? 0
    if (have !== wanted) return have > wanted
  }
  return true
}

/** Throws Unavailable when there is no Go, or one that is too old. */
async function checkGo(making: Making, env: NodeJS.ProcessEnv, cwd: string): Promise<void> {
  const said = await run('go', ['version'], { env, cwd, signal: making.signal }).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'TOOL_MISSING')
      throw new Unavailable(`Go is missing. ${advice}.`, { cause: error })
    throw error
  })
  const version = /go version go([\d.]+)/.exec(said)?.[1]
  if (!version || !atLeast(version, oldestGo))
    throw new Unavailable(`this is ${said.trim() || 'an unknown Go'}, and Go ${oldestGo} is needed. ${advice}.`)
}

/** A Go environment in which the committed go.mod decides alone: no workspace, no flags of the user's, no C compiler. */
export function goEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...environment,
    HOME: environment.HOME || homedir(),
    CGO_ENABLED: '0',
    GO111MODULE: 'on',
    GOARCH: 'amd64',
    GOFLAGS: '-mod=readonly',
    GOOS: 'linux',
    GOWORK: 'off',
  }
}

/**
 * Builds the programs from the module's committed go.mod and go.sum. The modules are fetched while another artefact compiles;
 * only one compiles at a time on a small machine. Throws Unavailable without a fitting Go, EngineError when the build fails.
 */
export async function fromGo(pin: GoPin, making: Making): Promise<void> {
  const env = goEnvironment(making.environment)
  const cwd = goFolder(pin.module)
  await checkGo(making, env, cwd)
  const tags = pin.tags ? ['-tags', pin.tags.join(',')] : []
  const options = { cwd, env, signal: making.signal, log: making.log }
  const packages = await making.turn('modules', 'to fetch modules', async () => {
    let fetched = 0
    making.note('fetching Go modules')
    const list = await run('go', ['list', '-deps', ...tags, ...pin.packages], {
      ...options,
      onLine: (line) => line.startsWith('go: downloading') && making.note(`fetching Go modules, ${++fetched} so far`),
    })
    return list.trim().split('\n').length
  })
  await making.turn('compile', 'to compile', async () => {
    let compiled = 0
    making.note('compiling')
    const set = Object.entries(pin.set ?? {}).flatMap(([name, value]) => ['-X', `${name}=${value}`])
    const link = ['-ldflags', ['-s', '-w', ...set].join(' ')]
    const build = ['build', '-v', '-trimpath', '-buildvcs=false', ...tags, ...link]
    await run('go', [...build, '-o', `${making.folder}/`, ...pin.packages], {
      ...options,
      onLine: (line) => /^[\w./-]+$/.test(line) && making.note(`compiling, ${++compiled} of ${packages} packages`),
    })
  })
  for (const [to, [module, path]] of Object.entries(pin.files ?? {})) {
    const folder = await run('go', ['list', '-m', '-f', '{{.Dir}}', module], options)
    copyFileSync(join(folder.trim(), path), join(making.folder, to))
    // Files of the module cache are read-only, and the artefact shall be removable.
    chmodSync(join(making.folder, to), 0o644)
  }
}
