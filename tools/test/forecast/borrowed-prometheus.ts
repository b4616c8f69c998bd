import { execFile } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { podUser } from '../../../policies/model/pod-security.ts'
import { services } from '../../../policies/services.ts'
import { ensure } from '../../engine/ensure.ts'
import { containers, kubectl, signalTo, until } from '../cluster.ts'
import type { FullRegion } from '../full-region.ts'
import { askPrometheus } from '../prometheus.ts'

const { namespace } = services.prometheus
const name = 'prometheus'
const config = 'prometheus-config'
const ruleFile = 'of-a-test.rules.json'

interface Rules {
  readonly data: { readonly groups: readonly { readonly file: string; readonly rules: readonly { query: string }[] }[] }
}

/**
 * A region's Prometheus with another history and one more rule file for the time of a test. What it had is put aside and comes back with `giveBack`; of the
 * time between it then knows nothing. While it is away nobody has metrics: stop who acts on that before.
 */
export class BorrowedPrometheus {
  readonly #full: FullRegion
  readonly #data: string
  readonly #aside: string
  #settings: string | undefined

  constructor(full: FullRegion) {
    this.#full = full
    const { volumes } = full.region.paths
    this.#data = join(volumes, `${name}-0`)
    this.#aside = join(volumes, `${name}-0-aside`)
  }

  /** `history`: OpenMetrics. `rules`: a rule file. Both may hang on when it begins, seconds. */
  async begin(history: (now: number) => string, rules: (now: number) => string): Promise<void> {
    const promtool = (await ensure(['prometheus'], { cacheRoot: this.#full.where.cacheRoot })).bin('promtool')
    await this.#stop()
    if (existsSync(this.#aside)) this.#restore()
    renameSync(this.#data, this.#aside)
    mkdirSync(this.#data, { mode: 0o700 })
    const folder = mkdtempSync(join(tmpdir(), 'nd-history-'))
    const now = Math.floor(Date.now() / 1_000)
    try {
      const file = join(folder, 'history.txt')
      writeFileSync(file, history(now))
      await promisify(execFile)(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, this.#data])
    } finally {
      rmSync(folder, { recursive: true })
    }
    writeFileSync(join(this.#data, ruleFile), rules(now))
    this.#give()
    const { data } = await kubectl<{ data: Record<string, string> }>(this.#full.access, this.#map('get'))
    const settings = data['prometheus.yaml'] ?? ''
    this.#settings = settings
    const read = JSON.parse(settings) as { readonly rule_files: readonly string[] }
    const changed = { ...read, rule_files: [...read.rule_files, `/data/${ruleFile}`] }
    await this.#configure(`${JSON.stringify(changed, null, 2)}\n`)
    await this.#start()
  }

  /** Goes on with other rules, and resolves when they count. */
  async follow(rules: string): Promise<void> {
    writeFileSync(join(this.#data, ruleFile), rules)
    const before = await this.#known()
    for (const { id } of await containers(this.#full.access, namespace, name))
      await signalTo(this.#full.access, id, 'SIGHUP')
    await until('Prometheus to read its rules', async () => {
      const now = await this.#known()
      return now.length > 0 && now.join() !== before.join()
    })
  }

  /** What it had comes back. */
  async giveBack(): Promise<void> {
    if (!existsSync(this.#aside)) return
    await this.#stop()
    this.#restore()
    if (this.#settings !== undefined) await this.#configure(this.#settings)
    await this.#start()
  }

  /** The expressions of the test's rules, as Prometheus prints them. */
  async #known(): Promise<readonly string[]> {
    const { status, body } = await askPrometheus(this.#full.where, 'rules')
    if (status !== 200) return []
    const { groups } = (JSON.parse(body) as Rules).data
    return groups
      .filter(({ file }) => file.endsWith(ruleFile))
      .flatMap((group) => group.rules.map(({ query }) => query))
  }

  #restore(): void {
    rmSync(this.#data, { recursive: true, force: true })
    renameSync(this.#aside, this.#data)
  }

  /** All of it to the user of the pods. */
  #give(): void {
    for (const file of ['', ...(readdirSync(this.#data, { recursive: true }) as string[])])
      chownSync(join(this.#data, file), podUser, podUser)
  }

  #map(...what: string[]): string[] {
    return ['-n', namespace, ...what, 'configmap', config]
  }

  async #configure(settings: string): Promise<void> {
    const patch = JSON.stringify({ data: { 'prometheus.yaml': settings } })
    await this.#full.run([...this.#map('patch'), '--type', 'merge', '-p', patch])
  }

  async #stop(): Promise<void> {
    await this.#full.run(['-n', namespace, 'scale', `statefulset/${name}`, '--replicas=0'])
    const left = ['-n', namespace, 'get', 'pods', '-l', `app.kubernetes.io/name=${name}`]
    await until('Prometheus to end', async () => {
      const { items } = await kubectl<{ items: unknown[] }>(this.#full.access, left)
      return items.length === 0
    })
  }

  async #start(): Promise<void> {
    await this.#full.run(['-n', namespace, 'scale', `statefulset/${name}`, '--replicas=1'])
    await this.#full.rolledOut(namespace, `statefulset/${name}`)
    await until(
      'Prometheus to answer',
      async () => (await askPrometheus(this.#full.where, 'query?query=1')).status === 200,
    )
  }
}
