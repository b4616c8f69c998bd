import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PreviewError } from '../error.ts'
import type { Told } from './build.ts'
import type { Built, BuiltVariant, Variant } from './built.ts'
import type { Answer, Request } from './child.ts'
import type { Revision } from './revision.ts'

/** A build makes much that is soon forgotten: with room for it, it takes a sixth less. */
const room = ['--min-semi-space-size=64', '--max-semi-space-size=64']

/** A process that has loaded one revision's code and builds it, under its own policies or others. One request at a time. */
export class Builder {
  readonly #revision: Revision
  readonly #child: ChildProcess
  readonly #scratch: string
  readonly #tell: Told
  #said = ''
  #files = 0

  constructor(revision: Revision, tell: Told, signal?: AbortSignal) {
    this.#revision = revision
    this.#tell = tell
    this.#scratch = mkdtempSync(join(tmpdir(), `neurodefender-preview-${process.pid}-graphs-`))
    this.#child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [revision.folder], {
      cwd: revision.folder,
      execArgv: ['--no-warnings', ...room],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A program must find neither credentials nor a region: it is only to be recorded.
      env: { PATH: process.env.PATH, HOME: this.#scratch, TMPDIR: tmpdir(), NEURODEFENDER_PREVIEW: '1' },
      ...(signal ? { signal } : {}),
    })
    this.#child.on('error', () => {})
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (text: Buffer) => {
        this.#said = `${this.#said}${text}`.slice(-2_000)
      })
  }

  build(): Promise<Built> {
    return this.#ask((file) => ({ kind: 'build', file }))
  }

  variant(variant: Variant): Promise<BuiltVariant> {
    return this.#ask((file) => ({ kind: 'variant', file, variant }))
  }

  #ask<T>(request: (file: string) => Request): Promise<T> {
    const file = join(this.#scratch, `${this.#files++}.json`)
    const { name } = this.#revision
    return new Promise<T>((resolve, reject) => {
      const child = this.#child
      const fail = (message: string) => {
        settle()
        reject(new PreviewError('BUILD', `${name} could not be built: ${message}`, { cause: message }))
      }
      const hear = (answer: Answer) => {
        if (answer.kind === 'doing') return this.#tell(answer.doing)
        if (answer.kind === 'failed')
          return fail(process.env.ND_TRACE ? (answer.stack ?? answer.message) : answer.message)
        settle()
        resolve(JSON.parse(readFileSync(file, 'utf8')) as T)
        rmSync(file)
      }
      const end = (code: number | null, by: string | null) =>
        fail(`its process ended by ${by ?? `code ${code}`}. It said: ${this.#said.trim() || 'nothing'}`)
      const settle = () => child.off('message', hear).off('exit', end)
      if (child.exitCode !== null || child.signalCode !== null) return end(child.exitCode, child.signalCode)
      child.on('message', hear).on('exit', end)
      child.send(request(file), (error) => {
        if (error && child.exitCode === null) fail(error.message)
      })
    })
  }

  close(): void {
    this.#child.kill()
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}
