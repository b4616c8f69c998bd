import { execFile } from 'node:child_process'
import { LocalRegionError } from '../errors.ts'

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end and answers its exit code with what it said. Rejects only when it cannot be started. */
export function tryCommand(command: string, args: readonly string[], timeout = 30_000): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number' && !error.killed)
        reject(new LocalRegionError('COMMAND_FAILED', `'${command}' cannot be run: ${error.message}`, error))
      else resolve({ code: error ? (typeof error.code === 'number' ? error.code : 124) : 0, stdout, stderr })
    })
  })
}

/** Runs a program to its end and answers what it printed. Throws COMMAND_FAILED with its own words. */
export async function command(name: string, args: readonly string[], timeout?: number): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(name, args, timeout)
  if (code === 0) return stdout
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' ')
  throw new LocalRegionError('COMMAND_FAILED', `'${name} ${args.join(' ')}' failed with code ${code}: ${said}`)
}
