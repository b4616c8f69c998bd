import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { run } from '../command.ts'
import { interrupted, Unavailable } from '../error.ts'
import type { Making } from '../making.ts'
import type { VendorPin } from '../pins.ts'
import { megabytes } from '../text.ts'

export interface Patience {
  /** Milliseconds until the vendor must have answered. */
  readonly answer: number
  /** Milliseconds without a byte after which a download is given up. */
  readonly stall: number
}

const usualPatience: Patience = { answer: 3_000, stall: 15_000 }

export interface Download {
  readonly url: string
  readonly sha512: string
  readonly file: string
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (text: string) => void
  readonly patience?: Patience
}

/** Downloads a file and checks it. Throws Unavailable when the host does not answer, answers wrongly, stalls, or sends something else. */
export async function download({ url, sha512, file, signal, onProgress, patience }: Download): Promise<void> {
  const { answer, stall } = patience ?? usualPatience
  const host = new URL(url).host
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), answer)
  const either = AbortSignal.any([giveUp.signal, ...(signal ? [signal] : [])])
  let phase = `did not answer within ${answer / 1_000} s`
  try {
    const response = await fetch(url, { signal: either }).catch((cause: unknown) => {
      if (either.aborted) throw cause
      throw new Unavailable(`${host} cannot be reached (${reason(cause)})`, { cause })
    })
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      throw new Unavailable(`${host} answered ${response.status}`)
    }
    phase = `sent nothing for ${stall / 1_000} s`
    const total = Number(response.headers.get('content-length') ?? 0)
    const hash = createHash('sha512')
    let received = 0
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        received += chunk.length
        hash.update(chunk)
        onProgress?.(`downloading ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ''} from ${host}`)
        done(null, chunk)
      },
    })
    clearTimeout(timer)
    let seen = -1
    const stalled = setInterval(() => {
      if (received === seen) giveUp.abort()
      seen = received
    }, stall)
    try {
      const body = Readable.fromWeb(response.body as ReadableStream)
      await pipeline(body, count, createWriteStream(file), { signal: either })
    } finally {
      clearInterval(stalled)
    }
    if (hash.digest('hex') !== sha512)
      throw new Unavailable(`${host} sent something whose SHA-512 is not the pinned one`)
  } catch (error) {
    if (signal?.aborted) throw interrupted(error)
    if (giveUp.signal.aborted) throw new Unavailable(`${host} ${phase}`, { cause: error })
    if (error instanceof Unavailable || !isNetwork(error)) throw error
    throw new Unavailable(`${host} broke off (${reason(error)})`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

const isNetwork = (error: unknown): boolean =>
  error instanceof TypeError ||
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET', 'ETIMEDOUT'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException).code
  return code ?? (cause instanceof Error ? cause.message : String(cause))
}

/** Takes the programs out of the vendor's archive. Throws Unavailable. */
export async function fromVendor(pin: VendorPin, making: Making, patience?: Patience): Promise<void> {
  const archive = join(making.scratch, 'archive')
  making.note(`asking ${new URL(pin.url).host}`)
  await download({
    url: pin.url,
    sha512: pin.sha512,
    file: archive,
    signal: making.signal,
    onProgress: making.note,
    ...(patience ? { patience } : {}),
  })
  making.note('unpacking')
  const depth = pin.folder.split('/').filter(Boolean).length
  const members = Object.values(making.pin.programs).map((path) => `${pin.folder}/${path}`)
  await run(
    'tar',
    ['-xf', archive, '-C', making.folder, `--strip-components=${depth}`, '--no-same-owner', ...members],
    {
      signal: making.signal,
      log: making.log,
    },
  )
}
