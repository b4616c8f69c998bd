import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Lets this process and what it starts from now on run before all others of the machine. Who measures shares the cores with what is measured: a generator
 * that waits for one sends late, a reader that does reads late, and both would be counted as the pipeline's. Needs the right to do so (root); says so where
 * it is missing, and goes on.
 */
export async function inFront(): Promise<void> {
  try {
    await promisify(execFile)('chrt', ['--rr', '--all-tasks', '--pid', '1', String(process.pid)])
  } catch (error) {
    console.error(`The generator and the reader wait for a core like all others: ${(error as Error).message.trim()}`)
  }
}
