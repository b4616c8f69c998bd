import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { Prometheus } from '../prometheus/prometheus.ts'
import { freePort } from './processes.ts'
import { testTls } from './server.ts'

const password = 'only-for-this-test'

export interface PrometheusOptions {
  /** The paths of the two programs. */
  readonly prometheus: string
  readonly promtool: string
  /** What it has known from before it began, as OpenMetrics. */
  readonly history: string
  /** A rule file. Default: none. */
  readonly rules?: string
}

/** A real Prometheus that answers over TLS to who has its password, with a history. It may take a moment until it does. */
export class TestPrometheus {
  readonly #child: ChildProcess
  readonly #rules: string
  readonly #url: URL
  readonly #ca: Buffer

  private constructor(child: ChildProcess, rules: string, url: URL, ca: Buffer) {
    this.#child = child
    this.#rules = rules
    this.#url = url
    this.#ca = ca
  }

  static async start({ prometheus, promtool, history, rules }: PrometheusOptions): Promise<TestPrometheus> {
    const { authority } = await testTls('prometheus')
    const at = (...name: string[]) => join(authority.root, ...name)
    const certificate = (name: string) => at('prometheus', name)
    writeFileSync(at('history.txt'), history)
    const blocks = ['tsdb', 'create-blocks-from', 'openmetrics', at('history.txt'), at('data')]
    execFileSync(promtool, blocks, { stdio: 'ignore' })
    if (rules !== undefined) writeFileSync(at('rules.json'), rules)
    writeFileSync(at('prometheus.json'), JSON.stringify(rules === undefined ? {} : { rule_files: [at('rules.json')] }))
    writeFileSync(
      at('web.json'),
      JSON.stringify({
        tls_server_config: { cert_file: certificate('tls.crt'), key_file: certificate('tls.key') },
        basic_auth_users: { nd: await hash(password, 4) },
      }),
    )
    const address = `127.0.0.1:${await freePort()}`
    const files = [`--config.file=${at('prometheus.json')}`, `--web.config.file=${at('web.json')}`]
    const args = [...files, `--storage.tsdb.path=${at('data')}`, `--web.listen-address=${address}`]
    const child = spawn(prometheus, args, { stdio: 'ignore' })
    const url = new URL(`https://${address}/`)
    return new TestPrometheus(child, at('rules.json'), url, readFileSync(certificate('ca.crt')))
  }

  /** Who asks it; with another password, nobody that it knows. */
  client(other = password): Prometheus {
    const config = { url: this.#url, user: 'nd', password: other }
    return new Prometheus({ config, tls: { current: { ca: this.#ca } }, timeoutMs: 10_000 })
  }

  /** Other rules from now on. */
  follow(rules: string): void {
    writeFileSync(this.#rules, rules)
    this.#child.kill('SIGHUP')
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}
