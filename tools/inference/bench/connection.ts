import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Whom to believe that it is the server, and by which name. */
export interface Trust {
  readonly ca: string
  readonly servername: string
}

/** Why a request has no good answer. */
export type Failure = 'status' | 'broken'

/**
 * One kept connection of HTTP/1.1, one request at a time, with next to nothing between the socket and the caller: a generator must cost less
 * than the servers that it measures. Understands responses with a content-length, which is all that the servers here send.
 */
export class Connection {
  readonly #socket: Socket
  readonly #done: (connection: Connection, failure: Failure | undefined) => void
  #head: Buffer = Buffer.alloc(0)
  /** Bytes of the response that are still to come; -1 while its header is. */
  #missing = -1
  #good = false
  busy = false
  /** When the request in flight was due. */
  due = 0

  readonly #opened: 'connect' | 'secureConnect'

  /** `trust`: over TLS. Default: in the clear. */
  constructor(
    host: string,
    port: number,
    done: (connection: Connection, failure: Failure | undefined) => void,
    trust?: Trust,
  ) {
    this.#done = done
    this.#socket = trust ? connectTls({ host, port, ...trust }).setNoDelay() : connect({ host, port, noDelay: true })
    this.#opened = trust ? 'secureConnect' : 'connect'
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', () => this.#broken())
    this.#socket.on('close', () => this.#broken())
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once(this.#opened, () => resolve())
      this.#socket.once('error', reject)
    })
  }

  send(request: Buffer, due: number): void {
    this.busy = true
    this.due = due
    // One that the server ended while nothing was under way has said so to nobody.
    if (this.#socket.destroyed) setImmediate(() => this.#broken())
    else this.#socket.write(request)
  }

  end(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #broken(): void {
    if (!this.busy) return
    this.busy = false
    this.#done(this, 'broken')
  }

  #take(chunk: Buffer): void {
    if (this.#missing < 0) {
      const all = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
      const end = all.indexOf('\r\n\r\n')
      if (end < 0) {
        this.#head = all
        return
      }
      this.#head = Buffer.alloc(0)
      const header = all.toString('latin1', 0, end)
      const length = /\r\ncontent-length: *(\d+)/i.exec(header)?.[1]
      if (length === undefined) throw new Error(`A response without content-length: ${header.slice(0, 300)}`)
      this.#good = header.startsWith('HTTP/1.1 200')
      this.#missing = Number(length) - (all.length - end - 4)
    } else this.#missing -= chunk.length
    if (this.#missing > 0) return
    this.#missing = -1
    this.busy = false
    this.#done(this, this.#good ? undefined : 'status')
  }
}
