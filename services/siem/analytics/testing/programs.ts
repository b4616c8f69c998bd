import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program of ours as a process of its own, again and again. */
export class Program {
  readonly #entry: string
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  output = ''

  constructor(entry: URL, env: NodeJS.ProcessEnv) {
    this.#entry = entry.pathname
    this.#env = { PATH: process.env.PATH, ...env }
  }

  start(): void {
    const child = spawn(process.execPath, [this.#entry], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk
      })
    this.#child = child
  }

  /** Resolves with the exit code when the process has gone. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    if (!child) return null
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
}
