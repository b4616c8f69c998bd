import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { diskFull, EngineError, interrupted } from './error.ts'

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
  /** A file that gets everything the command prints, appended. */
  readonly log?: string
  /** Called for each line of standard error. */
  readonly onLine?: (line: string) => void
  /** Kills the command when it runs longer, milliseconds. */
  readonly timeout?: number
  /** What to say when the command is not on PATH. */
  readonly missing?: string
}

const keptLines = 15
const graceBeforeKill = 3_000

/** Returns whether there was anybody left in the group. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-(child.pid as number), signal)
  } catch {
    return false
  }
}

/** The leader's end is not the group's: whoever is left is killed, and given a moment to be gone. */
async function endGroup(child: ChildProcess): Promise<void> {
  for (let i = 0; i < 50 && killGroup(child, 'SIGKILL'); i++) await wait(10)
}

/** Resolves when the file holds all that was written to it, or never will. */
async function written(file: WriteStream): Promise<void> {
  file.end()
  await finished(file).catch(() => {})
}

/**
 * Runs a command in a process group of its own and returns its standard output. When the signal aborts, the whole group is
 * ended before this throws. Throws EngineError: TOOL_MISSING, COMMAND_FAILED with the last lines it printed, DISK_FULL, INTERRUPTED.
 */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { signal, log } = options
  if (signal?.aborted) throw interrupted(signal.reason)
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const file = log ? createWriteStream(log, { flags: 'a' }) : undefined
  file?.on('error', () => {})
  file?.write(`$ ${command} ${args.join(' ')}\n`)
  const last: string[] = []
  let output = ''
  const keep = (line: string) => {
    file?.write(`${line}\n`)
    if (line.trim()) last.push(line)
    if (last.length > keptLines) last.shift()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    file?.write(text)
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    keep(line)
    options.onLine?.(line)
  })

  let timedOut = false
  let killer: NodeJS.Timeout | undefined
  const stop = () => {
    killGroup(child, 'SIGTERM')
    killer ??= setTimeout(() => killGroup(child, 'SIGKILL'), graceBeforeKill)
  }
  const timer = options.timeout
    ? setTimeout(() => {
        timedOut = true
        stop()
      }, options.timeout)
    : undefined
  signal?.addEventListener('abort', stop)
  try {
    const [code, how] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (...result) => resolve(result))
    })
    if (signal?.aborted || timedOut) await endGroup(child)
    if (signal?.aborted) throw interrupted(signal.reason)
    if (code === 0) return output
    const said = [...last, ...(last.length ? [] : output.trim().split('\n').slice(-keptLines))].join('\n  ')
    if (/no space left on device|ENOSPC/i.test(`${said}${output.slice(-2_000)}`))
      throw diskFull(options.cwd ?? '.', said)
    const end = timedOut
      ? `took longer than ${(options.timeout as number) / 1_000} s`
      : how
        ? `ended by ${how}`
        : `exit code ${code}`
    throw new EngineError(
      'COMMAND_FAILED',
      `'${command} ${args.slice(0, 3).join(' ')}${args.length > 3 ? ' …' : ''}' failed (${end})${said ? `:\n  ${said}` : '.'}${log ? `\n  All it said: ${log}` : ''}`,
    )
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' &&
      (error as NodeJS.ErrnoException).syscall?.startsWith('spawn')
    )
      throw new EngineError(
        'TOOL_MISSING',
        `'${command}' is not on PATH. ${options.missing ?? 'Install it and run this again.'}`,
        { cause: error },
      )
    throw error
  } finally {
    clearTimeout(timer)
    clearTimeout(killer)
    signal?.removeEventListener('abort', stop)
    if (file) await written(file)
  }
}
