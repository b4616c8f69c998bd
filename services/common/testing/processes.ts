import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Ports of loopback that nobody had when they were looked for, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

export const freePort = async (): Promise<number> => (await freePorts(1))[0]!

/** Asks every `everyMs` until the condition holds; fails the test after the limit. What the condition throws fails it at once. */
export async function until(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  limitMs = 90_000,
  everyMs = 50,
): Promise<void> {
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(everyMs)) if (await condition()) return
  assert.fail(`Not within ${limitMs / 1_000} s: ${typeof what === 'string' ? what : what()}`)
}

/** Asks again and again until there is something (no false, 0 or ''), and answers it; what is thrown counts as nothing yet. Throws after the limit. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = 60_000,
  everyMs = 50,
): Promise<Exclude<T, false | undefined>> {
  let last: unknown
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(everyMs))
    try {
      const found = await probe()
      if (found) return found as Exclude<T, false | undefined>
    } catch (error) {
      last = error
    }
  throw new Error(`Not within ${limitMs / 1_000} s: ${what}`, { cause: last })
}

/** Processes of the product that a test starts, with an environment in common; their output is kept. */
export class Processes {
  readonly #env: NodeJS.ProcessEnv
  readonly #running = new Set<ChildProcess>()
  output = ''

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  run(entry: URL, more: Readonly<Record<string, string>> = {}): ChildProcess {
    const env = { ...this.#env, ...more }
    const child = spawn(process.execPath, [entry.pathname], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk
      })
    this.#running.add(child)
    return child
  }

  /** Resolves with the exit status when the process is gone. */
  async ended(child: ChildProcess): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    this.#running.delete(child)
    return child.exitCode
  }

  async kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL')
    await this.ended(child)
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.kill(child)))
  }
}
