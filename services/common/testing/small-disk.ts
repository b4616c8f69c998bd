import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether this process may mount; without it there is no small disk. */
export const mayMount = process.platform === 'linux' && process.getuid?.() === 0

/** A disk of a few mebibytes that a test can fill: a tmpfs of its own. Needs root. */
export class SmallDisk {
  readonly path: string
  readonly #unmount = () => this.remove()
  #mounted = true

  constructor(mebibytes: number) {
    this.path = mkdtempSync(join(tmpdir(), 'nd-test-disk-'))
    execFileSync('mount', ['-n', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'nd-test-disk', this.path])
    process.once('exit', this.#unmount)
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
  }

  /** Takes all room but so many bytes. */
  fill(left: number): void {
    const file = openSync(join(this.path, 'ballast'), 'a')
    const chunk = Buffer.alloc(64 * 1024)
    try {
      for (let more = this.free - left; more > 0; more = this.free - left)
        writeSync(file, chunk, 0, Math.min(more, chunk.length))
    } finally {
      closeSync(file)
    }
  }

  /** Gives back what `fill` took. */
  clear(): void {
    rmSync(join(this.path, 'ballast'), { force: true })
  }

  grow(mebibytes: number): void {
    execFileSync('mount', ['-n', '-o', `remount,size=${mebibytes}m`, this.path])
  }

  /** Unmounts it, with all that is on it, even while somebody holds a file there. */
  remove(): void {
    if (!this.#mounted) return
    this.#mounted = false
    process.off('exit', this.#unmount)
    execFileSync('umount', ['-n', '-l', this.path])
    rmdirSync(this.path)
  }
}
