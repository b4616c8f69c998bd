import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../testing/processes.ts'

/** The redis-server that tools/engine has made. Undefined until it has. */
export function redisProgram(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const cache = env.NEURODEFENDER_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'neurodefender')
  return globSync(join(cache, 'artefacts', 'redis-*', 'usr', 'bin', 'redis-server'))[0]
}

/** A real Redis on loopback, TLS and password only, for end-to-end tests. Keeps its port from start to start, and nothing else. */
export class TestRedis {
  readonly #program: string
  readonly #dir: string
  readonly port: number
  readonly password = 'correct horse battery'
  #process: ChildProcess | undefined

  private constructor(program: string, dir: string, port: number) {
    this.#program = program
    this.#dir = dir
    this.port = port
  }

  get url(): string {
    return `rediss://127.0.0.1:${this.port}`
  }

  /** `tls`: the server's folder of tls.crt, tls.key, ca.crt. */
  static async create(program: string, tls: string): Promise<TestRedis> {
    const dir = mkdtempSync(join(tmpdir(), 'nd-test-redis-'))
    const redis = new TestRedis(program, dir, await freePort())
    const lines = [
      'port 0',
      'bind 127.0.0.1',
      `tls-port ${redis.port}`,
      `tls-cert-file ${join(tls, 'tls.crt')}`,
      `tls-key-file ${join(tls, 'tls.key')}`,
      `tls-ca-cert-file ${join(tls, 'ca.crt')}`,
      'tls-auth-clients no',
      'save ""',
      `dir ${dir}`,
      `requirepass "${redis.password}"`,
    ]
    writeFileSync(join(dir, 'redis.conf'), `${lines.join('\n')}\n`)
    return redis
  }

  async start(): Promise<void> {
    const libraries = join(dirname(this.#program), '..', 'lib', 'x86_64-linux-gnu')
    const child = spawn(this.#program, [join(this.#dir, 'redis.conf')], {
      env: { LD_LIBRARY_PATH: libraries },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
    })
    for (const end = Date.now() + 20_000; !output.includes('Ready to accept connections'); await delay(20))
      if (Date.now() > end || child.exitCode !== null) throw new Error(`Redis did not start: ${output}`)
  }

  /** Its number as a process, while it runs. */
  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** Stands still, as a machine that swaps does, until `resume`. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
