import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { defaultCacheRoot } from '../../infra/local/state.ts'

/** ONNX Runtime's Linux builds report models to their maker since 1.29 unless this stands in the environment when they are loaded. */
export const withoutTelemetry = { ORT_DISABLE_TELEMETRY: '1' } as const

export interface RunOptions {
  /** Standard input. */
  readonly input?: string
  /** Beside this process' own environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end; what it wrote. Throws with the end of its complaints when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  { input = '', env = {} }: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } })
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [output, complaints, status] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr), ended]),
    failed,
  ])
  if (status !== 0) throw new Error(`'${command} ${args.join(' ')}' failed (${status}): ${complaints.slice(-2_000)}`)
  return output
}

/**
 * Python with exactly the packages of a requirements file, in a virtual environment of the cache, made the first time; the path of its
 * binary. Needs python3 with venv and pip. `name`: of its folder in the cache.
 */
export async function pythonWith(name: string, requirements: string): Promise<string> {
  const mark = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(defaultCacheRoot(process.env), name, mark)
  const binary = join(folder, 'bin', 'python')
  if (existsSync(binary)) return binary
  const fresh = `${folder}.${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  try {
    await run('python3', ['-m', 'venv', fresh])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
    await run(join(fresh, 'bin', 'python'), pip)
    // Somebody else may have been faster: theirs is as good.
    if (!existsSync(folder)) renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return binary
}
