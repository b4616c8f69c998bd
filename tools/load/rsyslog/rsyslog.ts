import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How the peer is set; all three are run, and the best counts. */
export const rsyslogSettings = [
  { name: 'batches of 1024, lz4, 5 ms', batch: 1_024, workers: 2, codec: 'lz4', linger: 5 },
  { name: 'batches of 4096, lz4, 20 ms', batch: 4_096, workers: 1, codec: 'lz4', linger: 20 },
  { name: 'batches of 4096, zstd, 20 ms', batch: 4_096, workers: 2, codec: 'zstd', linger: 20 },
] as const

export type RsyslogSetting = (typeof rsyslogSettings)[number]

export interface RsyslogOptions {
  /** The artefact of tools/engine. */
  readonly root: string
  /** The program, as the toolchain gives it. */
  readonly program: string
  readonly port: number
  readonly topic: string
  /** host:port of a broker. */
  readonly broker: string
  /** The name by which the broker calls itself, which only the region's own name server knows. */
  readonly brokerName: string
  readonly certificate: { readonly ca: string; readonly cert: string; readonly key: string }
}

const template = readFileSync(new URL('./rsyslog.conf', import.meta.url), 'utf8')

/** The configuration with its names filled in. Throws RangeError for one that is left. */
export function configuration(values: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/@([A-Z]+)@/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined)
      throw new RangeError(`The configuration of rsyslog names @${name}@, which nothing fills in.`)
    return String(value)
  })
}

/** An rsyslogd of our own: a folder, a port on loopback, and a view of /etc/hosts in which the broker has a name. */
export class Rsyslog {
  readonly #dir: string
  readonly #process: ChildProcess
  readonly #port: number

  private constructor(dir: string, process: ChildProcess, port: number) {
    this.#dir = dir
    this.#process = process
    this.#port = port
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  static async start(options: RsyslogOptions, setting: RsyslogSetting): Promise<Rsyslog> {
    const dir = mkdtempSync(join(tmpdir(), 'nd-rsyslog-'))
    const { ca, cert, key } = options.certificate
    const values = {
      DIR: dir,
      PORT: options.port,
      TOPIC: options.topic,
      BROKER: options.broker,
      CA: ca,
      CERT: cert,
      KEY: key,
      BATCH: setting.batch,
      WORKERS: setting.workers,
      CODEC: setting.codec,
      LINGER: setting.linger,
    }
    writeFileSync(join(dir, 'rsyslog.conf'), configuration(values))
    const [address = ''] = options.broker.split(':')
    writeFileSync(join(dir, 'hosts'), `127.0.0.1 localhost\n${address} ${options.brokerName}\n`)
    const folder = 'lib/x86_64-linux-gnu'
    const libraries = `${join(options.root, 'usr', folder)}:${join(options.root, folder)}`
    const modules = join(options.root, 'usr', folder, 'rsyslog')
    const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
    const args = [options.program, '-n', '-f', join(dir, 'rsyslog.conf'), '-i', join(dir, 'pid'), '-M', modules]
    const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', join(dir, 'hosts'), ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { LD_LIBRARY_PATH: libraries, PATH: process.env.PATH },
    })
    const made = new Rsyslog(dir, child, options.port)
    try {
      ;(await made.connect()).destroy()
    } catch (error) {
      await made.stop()
      throw error
    }
    return made
  }

  /** A connection, as soon as it listens; gives up after ten seconds. */
  async connect(): Promise<Socket> {
    for (let left = 100; ; left--) {
      const socket = connect(this.#port, '127.0.0.1')
      try {
        await once(socket, 'connect')
        return socket
      } catch (error) {
        socket.destroy()
        if (left === 0 || this.#process.exitCode !== null) throw error
        await delay(100)
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, 'exit')
      this.#process.kill('SIGTERM')
      const late = setTimeout(() => this.#process.kill('SIGKILL'), 20_000)
      await gone
      clearTimeout(late)
    }
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
