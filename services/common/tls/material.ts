import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Log } from '../log/log.ts'

export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca: Buffer
}

class TlsError extends Error {
  readonly code = 'NO_TLS'
}

/**
 * A workload's own certificate and the authority it trusts, out of a mounted folder. Throws TlsError, also where certificate and key do not
 * belong together.
 */
export function readTls(dir: string): TlsMaterial {
  const folder = versionOf(dir)
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name))
    } catch (cause) {
      throw new TlsError(`${join(dir, name)} cannot be read. Mount the workload's certificate there.`, { cause })
    }
  }
  const material = { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt') }
  try {
    createSecureContext(material)
  } catch (cause) {
    throw new TlsError(`The files in ${dir} are no certificate with its own key and its authority.`, { cause })
  }
  return material
}

/** A mounted secret is a folder of links through `..data`, which is swapped as a whole: all files are read from one side of the swap. */
function versionOf(dir: string): string {
  try {
    return realpathSync(join(dir, '..data'))
  } catch {
    return dir
  }
}

const fingerprint = (m: TlsMaterial) => createHash('sha256').update(m.cert).update(m.key).update(m.ca).digest('hex')

/** Keeps TLS material current while its files are replaced under a running process. */
export class TlsFiles {
  readonly #dir: string
  readonly #log: Log
  readonly #listeners = new Set<(material: TlsMaterial) => void>()
  readonly #timer: NodeJS.Timeout
  #current: TlsMaterial
  /** What the log said last of files that cannot be used. */
  #complaint: string | undefined

  /** Polls, because a mounted secret is replaced by swapping links, which change notices miss, and because unusable files get better. */
  constructor(dir: string, log: Log, pollMs = 10_000) {
    this.#dir = dir
    this.#log = log
    this.#current = readTls(dir)
    this.#timer = setInterval(() => this.reload(), pollMs).unref()
  }

  get current(): TlsMaterial {
    return this.#current
  }

  /** When the certificate in force ends, milliseconds since 1970. */
  get expires(): number {
    return new X509Certificate(this.#current.cert).validToDate.getTime()
  }

  onChange(listener: (material: TlsMaterial) => void): void {
    this.#listeners.add(listener)
  }

  /** Reads the files again now. Files that cannot be used leave the old material in force. */
  reload(): void {
    try {
      const next = readTls(this.#dir)
      this.#complaint = undefined
      if (fingerprint(next) === fingerprint(this.#current)) return
      this.#current = next
      for (const listener of this.#listeners) listener(next)
      this.#log.info('The TLS certificate was replaced.')
    } catch (error) {
      const complaint = error instanceof Error ? error.message : String(error)
      if (complaint === this.#complaint) return
      this.#complaint = complaint
      this.#log.error('The new TLS certificate cannot be used; the old one stays.', { error })
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#listeners.clear()
  }
}
