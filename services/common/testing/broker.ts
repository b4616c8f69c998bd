import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from './processes.ts'

export interface KafkaFiles {
  /** Folder of Kafka's jars. */
  readonly jars: string
  /** The java executable. */
  readonly java: string
}

/** Kafka and a Java to run it, out of the cache of tools/engine. Undefined until that has made them. */
export function kafkaFiles(env: NodeJS.ProcessEnv = process.env): KafkaFiles | undefined {
  const cache = env.NEURODEFENDER_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'neurodefender')
  const [jar] = globSync(join(cache, 'artefacts', 'kafka-*', '**', 'kafka_2.*.jar'))
  const [java] = globSync(join(cache, 'artefacts', 'jre-*', 'usr', 'lib', 'jvm', '*', 'bin', 'java'))
  return jar === undefined || java === undefined ? undefined : { jars: dirname(jar), java }
}

/** Java compiles quickly and badly: right for a process that lives for seconds. */
const starts = '-XX:TieredStopAtLevel=1'

/** kafkajs renews a session ten seconds before its end, and brokers take no renewal within the first second. */
const sessionMs = 14_000

/** A real Kafka broker and controller (KRaft) on loopback, for end-to-end tests: mutual TLS, or TLS and tokens; its data in a folder of its own. */
export class TestBroker {
  readonly #dir: string
  readonly #files: KafkaFiles
  readonly port: number
  /** Where callers show tokens instead of certificates. */
  readonly tokenPort: number
  #process: ChildProcess | undefined

  private constructor(dir: string, files: KafkaFiles, port: number, tokenPort: number) {
    this.#dir = dir
    this.#files = files
    this.port = port
    this.tokenPort = tokenPort
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get tokenAddress(): string {
    return `127.0.0.1:${this.tokenPort}`
  }

  get log(): string {
    return readFileSync(join(this.#dir, 'broker.log'), 'utf8')
  }

  /**
   * `tls`: the broker's folder of tls.crt, tls.key, ca.crt. `data`: an existing folder for its records, which stays the caller's. `more`: settings of
   * Kafka that go before those of here.
   */
  static async create(
    files: KafkaFiles,
    tls: string,
    data?: string,
    more: Readonly<Record<string, string | number>> = {},
  ): Promise<TestBroker> {
    const dir = mkdtempSync(join(tmpdir(), 'nd-test-kafka-'))
    const [port, controller, tokenPort] = [await freePort(), await freePort(), await freePort()]
    if (data === undefined) mkdirSync(join(dir, 'data'))
    writeFileSync(
      join(dir, 'keystore.pem'),
      readFileSync(join(tls, 'tls.key'), 'utf8') + readFileSync(join(tls, 'tls.crt'), 'utf8'),
      { mode: 0o600 },
    )
    const settings = {
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      listeners: `SSL://127.0.0.1:${port},TOKEN://127.0.0.1:${tokenPort},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': `SSL://127.0.0.1:${port},TOKEN://127.0.0.1:${tokenPort}`,
      'listener.security.protocol.map': 'SSL:SSL,TOKEN:SASL_SSL,CONTROLLER:SSL',
      'listener.name.token.sasl.enabled.mechanisms': 'OAUTHBEARER',
      // Takes a token that names its subject and has not expired, whoever made it.
      'listener.name.token.oauthbearer.sasl.jaas.config':
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
      // As with MSK, a session ends with its token at the latest; here so soon that it is renewed within a test.
      'listener.name.token.oauthbearer.connections.max.reauth.ms': sessionMs,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': join(dir, 'keystore.pem'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': join(tls, 'ca.crt'),
      'ssl.client.auth': 'required',
      'listener.name.token.ssl.client.auth': 'none',
      'log.dirs': data ?? join(dir, 'data'),
      'auto.create.topics.enable': false,
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 4,
      'log.cleaner.backoff.ms': 200,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      'group.initial.rebalance.delay.ms': 0,
      // Every acknowledged record is on disk before the acknowledgement, as kill -9 tests want it.
      'log.flush.interval.messages': 1,
      ...more,
    }
    const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(dir, 'server.properties'), text.join(''))
    const broker = new TestBroker(dir, files, port, tokenPort)
    broker.#format()
    return broker
  }

  #java(heap: string, ...args: string[]): string[] {
    return ['-cp', join(this.#files.jars, '*'), `-Xmx${heap}`, '-XX:+UseSerialGC', ...args]
  }

  #format(): void {
    const args = ['format', '-t', 'bmV1cm9kZWZlbmRlci10Zw', '-c', join(this.#dir, 'server.properties')]
    const { status, stdout, stderr } = spawnSync(
      this.#files.java,
      this.#java('128m', starts, 'kafka.tools.StorageTool', ...args),
    )
    if (status !== 0) throw new Error(`Kafka's storage could not be formatted: ${stdout}${stderr}`)
  }

  /** `runsLong`: its code is compiled as for a region, which takes a while and then costs less (TLS above all). */
  start(runsLong = false): void {
    const jvm = runsLong ? [] : [starts]
    const out = openSync(join(this.#dir, 'broker.log'), 'a')
    this.#process = spawn(
      this.#files.java,
      this.#java('512m', ...jvm, 'kafka.Kafka', join(this.#dir, 'server.properties')),
      {
        stdio: ['ignore', out, out],
      },
    )
  }

  /** SIGKILL, at once. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** SIGSTOP: connections stay open and nothing is answered until `resume`. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async remove(): Promise<void> {
    await this.kill()
    if (existsSync(this.#dir)) rmSync(this.#dir, { recursive: true })
  }
}
