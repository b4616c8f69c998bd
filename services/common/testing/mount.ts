import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder as the kubelet mounts a secret: links through `..data`, which is swapped as a whole. */
export class TestMount {
  readonly dir = mkdtempSync(join(tmpdir(), 'nd-test-mount-'))
  #version = 0

  constructor(files: string) {
    this.put(files)
    for (const name of readdirSync(files)) symlinkSync(join('..data', name), join(this.dir, name))
    process.once('exit', () => rmSync(this.dir, { recursive: true, force: true }))
  }

  /** Replaces all files by those of another folder, in one step. */
  put(files: string): void {
    const version = `..${++this.#version}`
    mkdirSync(join(this.dir, version))
    cpSync(files, join(this.dir, version), { recursive: true })
    symlinkSync(version, join(this.dir, '..next'))
    renameSync(join(this.dir, '..next'), join(this.dir, '..data'))
    rmSync(join(this.dir, `..${this.#version - 1}`), { recursive: true, force: true })
  }
}
