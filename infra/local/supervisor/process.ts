import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { RotatingLog } from './log.ts'
import type { Component, ComponentStatus } from './plan.ts'
import { isReady } from './probe.ts'

const firstDelay = 200
const maxDelay = 5_000
/** A component that ran this long had a good start: its next restart is prompt again. */
const goodRun = 60_000
const probeEvery = 100

interface Surroundings {
  readonly path: string
  readonly logFolder: string
  readonly logLimit: number
  /** Called after every change of `status`. */
  readonly changed: () => void
}

/** Milliseconds to wait before restart number `failures` (1, 2, …) in a row. */
export const restartDelay = (failures: number): number => Math.min(firstDelay * 2 ** (failures - 1), maxDelay)

/** Keeps one component running until it is told to stop. */
export class KeptProcess {
  readonly component: Component
  readonly status: ComponentStatus = { state: 'waiting', restarts: 0 }
  /** Resolves at the first readiness; rejects only when stopped before. */
  readonly firstReady: Promise<void>
  readonly #around: Surroundings
  readonly #log: RotatingLog
  readonly #began = performance.now()
  #child: ChildProcess | undefined
  #exited: Promise<void> = Promise.resolve()
  #stopping = false
  #failures = 0
  #resolveReady!: () => void

  constructor(component: Component, around: Surroundings) {
    this.component = component
    this.#around = around
    this.#log = new RotatingLog(`${around.logFolder}/${component.name}.log`, around.logLimit)
    this.firstReady = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
  }

  start(): void {
    if (this.#stopping) return
    const [command = '', ...args] = this.component.command
    const started = performance.now()
    const child = spawn(command, args, {
      cwd: '/',
      env: { PATH: this.#around.path, HOME: '/root', ...this.component.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => this.#log.write(chunk))
    child.stderr.on('data', (chunk: Buffer) => this.#log.write(chunk))
    this.#set({ state: 'starting', ...(child.pid ? { pid: child.pid } : {}) })
    this.#exited = new Promise((resolve) => {
      let over = false
      const end = (how: string) => {
        if (over) return
        over = true
        this.#ended(how, performance.now() - started)
        resolve()
      }
      child.on('error', (error) => end(error.message))
      child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    })
    void this.#watch(child)
  }

  /** SIGTERM, and SIGKILL when the component's time is over. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child?.pid && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), this.component.stopWithin)
      await this.#exited
      clearTimeout(timer)
    }
    this.#set({ state: 'exited' })
  }

  async #watch(child: ChildProcess): Promise<void> {
    while (this.#child === child && this.status.state === 'starting') {
      if ((await isReady(this.component.ready)) && this.#child === child && this.status.state === 'starting') {
        this.status.readyAfter ??= Math.round(performance.now() - this.#began)
        this.#set({ state: 'ready' })
        this.#resolveReady()
        return
      }
      await sleep(probeEvery)
    }
  }

  #ended(how: string, ran: number): void {
    this.#set({ state: 'exited', lastExit: how })
    if (this.#stopping) return
    this.#failures = ran > goodRun ? 1 : this.#failures + 1
    const delay = restartDelay(this.#failures)
    this.#log.write(`neurodefender: ${this.component.name} ended (${how}); it starts again in ${delay} ms\n`)
    setTimeout(() => {
      if (this.#stopping) return
      this.status.restarts++
      this.start()
    }, delay)
  }

  #set(change: Partial<ComponentStatus>): void {
    Object.assign(this.status, change)
    if (this.status.state === 'exited') delete this.status.pid
    this.#around.changed()
  }
}
