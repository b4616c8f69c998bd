import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { Rest } from '../conformance/rest.ts'

export interface ServerOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly url: string
  /** host:port */
  readonly grpc?: string
  /** A path that answers 200 when the server may be asked. */
  readonly ready: string
  /** PEM of who signed the server's certificate, where it speaks TLS. */
  readonly ca?: string
  readonly cleanUp?: () => void
}

export interface RunningServer {
  readonly url: string
  readonly grpc: string | undefined
  /** Where it speaks TLS, on both. */
  readonly ca: string | undefined
  /** Of the process that was started; the CPU of a server is that of it and of what it started. */
  readonly pid: number
  /** Ends it and all that it started, and what it left. */
  stop(): Promise<void>
}

const startMs = 300_000
const stopMs = 10_000

/** Groups of processes that run, and what each leaves: nothing of them outlives this process, however it ends. */
const running = new Map<number, () => void>()
let watched = false

function watchEnd(): void {
  if (watched) return
  watched = true
  process.once('exit', () => {
    for (const [group, cleanUp] of running) {
      try {
        process.kill(-group, 'SIGKILL')
      } catch {
        // Gone already.
      }
      cleanUp()
    }
  })
  // By themselves these end a process without its exit being heard.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))
}

/** Starts a server in a process group of its own and waits until it is ready. Throws with the end of what it said where it is not. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { command, args, cwd, env = {}, url, grpc, ready, ca, cleanUp = () => {} } = options
  const child = spawn(command, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  if (child.pid !== undefined) running.set(child.pid, cleanUp)
  watchEnd()
  let said = ''
  const keep = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-4_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', (error) => {
      said += error.message
      resolve()
    })
  })
  let over = false
  ended.then(() => {
    over = true
  })
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // The group is gone.
    }
  }
  const stop = async (): Promise<void> => {
    signal('SIGTERM')
    await Promise.race([ended, delay(stopMs)])
    // Workers may outlive the process that started them.
    signal('SIGKILL')
    await ended
    if (child.pid !== undefined) running.delete(child.pid)
    cleanUp()
  }
  const until = Date.now() + startMs
  const rest = new Rest(url, ca)
  while (!over && Date.now() < until) {
    const answer = await rest.get(ready).catch(() => undefined)
    if (answer?.status === 200) return { url, grpc, ca, pid: child.pid as number, stop }
    await delay(100)
  }
  await stop()
  throw new Error(`'${command} ${args.join(' ')}' is not ready: ${said}`)
}
