import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Preparation, SupervisorPlan, SupervisorStatus } from './plan.ts'
import { get } from './probe.ts'
import { KeptProcess } from './process.ts'

const run = promisify(execFile)

/** Brings the components of one region up inside its namespaces, keeps them up, and takes them down in order. */
export class Supervisor {
  readonly #plan: SupervisorPlan
  readonly #kept: Map<string, KeptProcess>
  readonly #status: SupervisorStatus
  readonly #began = performance.now()
  #stopping = false
  #writing = false

  constructor(plan: SupervisorPlan) {
    this.#plan = plan
    mkdirSync(plan.logFolder, { recursive: true, mode: 0o700 })
    const around = {
      path: plan.path,
      logFolder: plan.logFolder,
      logLimit: plan.logLimit,
      changed: () => this.#changed(),
    }
    this.#kept = new Map(plan.components.map((c) => [c.name, new KeptProcess(c, around)]))
    this.#status = {
      phase: 'network',
      startedAt: new Date().toISOString(),
      components: Object.fromEntries([...this.#kept].map(([name, kept]) => [name, kept.status])),
    }
  }

  /** Resolves when the node is Ready; the region then stays up until `stop`. Ends the process when it cannot prepare. */
  async run(): Promise<void> {
    try {
      this.#write()
      for (const step of this.#plan.prepare) await this.#prepare(step)
      await this.#joinUplink()
    } catch (error) {
      this.#status.phase = 'failed'
      this.#status.error = error instanceof Error ? error.message : String(error)
      this.#write()
      process.exit(1)
    }
    if (this.#stopping) return
    this.#phase('starting')
    await Promise.all([...this.#kept.values()].map((kept) => this.#startInTurn(kept)))
    await this.#nodeReady()
    if (this.#stopping) return
    this.#status.nodeReadyAfter = Math.round(performance.now() - this.#began)
    this.#phase('ready')
  }

  /** Takes everything down in order and ends the process, and with it the namespaces. */
  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    this.#phase('stopping')
    for (const [index, group] of this.#plan.stopOrder.entries()) {
      await Promise.all(group.map((name) => this.#kept.get(name)?.stop()))
      if (index === 0) await this.#stopContainers()
    }
    this.#phase('stopped')
    this.#write()
    process.exit(0)
  }

  async #startInTurn(kept: KeptProcess): Promise<void> {
    await Promise.all(kept.component.after.map((name) => this.#kept.get(name)?.firstReady))
    kept.start()
    await kept.firstReady
  }

  async #prepare(step: Preparation): Promise<void> {
    if ('folder' in step) {
      mkdirSync(step.folder, { recursive: true })
    } else if ('write' in step) {
      try {
        writeFileSync(step.write, step.text)
      } catch (error) {
        if (!step.optional) throw error
      }
    } else {
      const [command = '', ...args] = step.run
      await run(command, args, { env: { PATH: this.#plan.path }, timeout: 20_000 })
    }
  }

  /** The host moves the link in as soon as it sees the namespaces. */
  async #joinUplink(): Promise<void> {
    const { uplink, bridge, path } = this.#plan
    const ip = (...args: string[]) => run('ip', args, { env: { PATH: path }, timeout: 10_000 })
    const deadline = performance.now() + 20_000
    for (;;) {
      try {
        await ip('link', 'set', uplink, 'master', bridge)
        break
      } catch (error) {
        if (performance.now() > deadline) throw error
        await sleep(50)
      }
    }
    await ip('link', 'set', uplink, 'up')
  }

  /** Ready, said by a heartbeat of this start: what etcd kept from before a restart does not count. */
  async #nodeReady(): Promise<void> {
    const { name, api, ...files } = this.#plan.node
    const since = Date.parse(this.#status.startedAt)
    while (!this.#stopping) {
      try {
        const { status, body } = await get({ kind: 'https', url: `${api}/api/v1/nodes/${name}`, ...files })
        if (status === 200 && saysReady(body, since)) return
      } catch {
        // The API server is on its way.
      }
      await sleep(200)
    }
  }

  /** SIGTERM to every container, SIGKILL to those that are left when the time is over. */
  async #stopContainers(): Promise<void> {
    const { ctr, socket, stopWithin } = this.#plan.containers
    const call = (...args: string[]) =>
      run(ctr, ['-a', socket, '-n', 'k8s.io', ...args], { env: { PATH: this.#plan.path }, timeout: 10_000 })
    const running = async (): Promise<string[]> => {
      const { stdout } = await call('tasks', 'ls')
      const lines = stdout.split('\n').slice(1)
      return lines.filter((l) => l.includes('RUNNING')).map((l) => l.split(/\s+/)[0]!)
    }
    try {
      const deadline = performance.now() + stopWithin
      await Promise.allSettled((await running()).map((id) => call('tasks', 'kill', '-s', 'SIGTERM', id)))
      while (performance.now() < deadline && (await running()).length > 0) await sleep(200)
      await Promise.allSettled((await running()).map((id) => call('tasks', 'kill', '-s', 'SIGKILL', '-a', id)))
    } catch {
      // containerd does not answer: the end of the PID namespace ends its containers.
    }
  }

  #phase(phase: SupervisorStatus['phase']): void {
    this.#status.phase = phase
    this.#changed()
  }

  /** Many changes of one moment become one write. */
  #changed(): void {
    if (this.#writing) return
    this.#writing = true
    setImmediate(() => {
      this.#writing = false
      this.#write()
    })
  }

  #write(): void {
    const { statusFile } = this.#plan
    try {
      writeFileSync(`${statusFile}.tmp`, JSON.stringify(this.#status, null, 2), { mode: 0o600 })
      renameSync(`${statusFile}.tmp`, statusFile)
    } catch {
      // A full disk must not end the region; the next change tries again.
    }
  }
}

interface NodeConditions {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly lastHeartbeatTime: string
    }[]
  }
}

/** Whether a node object says Ready, by a heartbeat not before `since` (milliseconds; heartbeats count whole seconds). */
export function saysReady(body: string, since: number): boolean {
  const node = JSON.parse(body) as NodeConditions
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready')
  return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime) + 1_000 > since
}
