import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { bytes } from '../../policies/model/units.ts'
import { objectives } from '../../policies/objectives.ts'
import { services } from '../../policies/services.ts'
import { ClientError, RegionClient, untilFinal } from '../region/client.ts'
import { entry, places, UsageError } from '../region/context.ts'
import { numberOption } from '../region/number-option.ts'
import { command } from '../region/run.ts'
import { type Batch, batches, fingerprint } from './batches.ts'

const usage = `usage: nd send [--file FILE] [--tenant NAME] [--batch N] [--concurrency N] [--fresh] [--gzip] [--json]

Sends events (NDJSON, gzip or not) to the region's collector and waits until each batch is acknowledged. A batch that is
refused for now (429, 503, no answer) is sent again under the same id, so nothing is stored twice: sending the same
file again stores nothing new, unless --fresh gives it new ids. Without --file: the sample that the project carries.`

/** What became of a file. Counts are events. */
export interface Sent {
  readonly acknowledged: number
  readonly rejected: number
  readonly batches: number
  readonly retries: number
  readonly seconds: number
  /** The ids' common start: an acknowledged event's id is tenant/<idPrefix>-<batch>/<line>. */
  readonly idPrefix: string
}

export interface SendOptions {
  readonly file: string
  readonly idPrefix: string
  readonly client: RegionClient
  readonly batch?: number
  readonly concurrency?: number
  readonly gzip?: boolean
  /** Per batch, milliseconds. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (done: { acknowledged: number; rejected: number; retries: number }) => void
  readonly onAcknowledged?: (batch: Batch) => void
}

/** Sends every batch of a file, several at once. Throws ClientError when the collector refuses one for good. */
export async function sendFile(options: SendOptions): Promise<Sent> {
  const { client, signal, concurrency = 4 } = options
  const start = performance.now()
  const done = { acknowledged: 0, rejected: 0, batches: 0, retries: 0 }
  const source = batches(options.file, {
    size: Math.min(options.batch ?? 1_000, objectives.ingest.maxEventsPerRequest),
    maxBytes: bytes(objectives.ingest.maxBody) / 2,
    idPrefix: options.idPrefix,
  })
  const stop = new AbortController()
  const sender = async () => {
    for await (const batch of source) {
      signal?.throwIfAborted()
      if (stop.signal.aborted) return
      const body = options.gzip ? gzipSync(batch.body, { level: 1 }) : batch.body
      const reply = await untilFinal(
        () =>
          client.call('POST', '/v1/events', body, {
            'content-type': 'application/x-ndjson',
            'idempotency-key': batch.id,
            ...(options.gzip ? { 'content-encoding': 'gzip' } : {}),
          }),
        { deadlineMs: options.deadlineMs ?? 120_000, signal, onRetry: () => done.retries++ },
      )
      if (reply.status !== 200)
        throw new ClientError(
          'REFUSED',
          `The collector refused batch ${batch.id}: ${reply.status} ${reply.body}`,
          false,
        )
      const answer = JSON.parse(reply.body) as { accepted: number; rejectedCount?: number; rejected: unknown[] }
      done.acknowledged += answer.accepted
      done.rejected += answer.rejectedCount ?? answer.rejected.length
      done.batches++
      options.onAcknowledged?.(batch)
      options.onProgress?.(done)
    }
  }
  const senders = Array.from({ length: concurrency }, () =>
    sender().catch((error: unknown) => {
      stop.abort()
      throw error
    }),
  )
  const failed = (await Promise.allSettled(senders)).find((r) => r.status === 'rejected')
  if (failed) throw failed.reason
  return { ...done, seconds: (performance.now() - start) / 1_000, idPrefix: options.idPrefix }
}

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: {
        file: { type: 'string', default: new URL('./sample/windows-host-events.ndjson.gz', import.meta.url).pathname },
        tenant: { type: 'string', default: 'acme' },
        batch: { type: 'string', default: '1000' },
        concurrency: { type: 'string', default: '4' },
        fresh: { type: 'boolean', default: false },
        gzip: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const batch = numberOption('batch', values.batch, { least: 1, whole: true })
    const concurrency = numberOption('concurrency', values.concurrency, { least: 1, most: 64, whole: true })
    if (!statSync(values.file, { throwIfNoEntry: false })?.isFile())
      throw new UsageError(`There is no file ${values.file}. Name one with FILE=… (make) or --file … (nd).`)
    const { ca, token, tenant, nodeAddress } = entry(places(), values.tenant)
    const url = `https://${nodeAddress}:${services['event-collector'].nodePort}`
    const client = new RegionClient({ url, ca, token, maxSockets: concurrency })
    const print = await progress(!values.json)
    const salt = values.fresh ? `-${Date.now().toString(36)}` : ''
    const idPrefix = `${(await fingerprint(values.file)).slice(0, 16)}${salt}-${batch}`
    try {
      const sent = await sendFile({
        file: values.file,
        idPrefix,
        client,
        batch,
        concurrency,
        gzip: values.gzip,
        signal,
        onProgress: print,
      })
      print.end()
      if (values.json) console.log(JSON.stringify({ tenant, ...sent }))
      else {
        const rate = Math.round(sent.acknowledged / sent.seconds)
        console.log(
          `${sent.acknowledged} events acknowledged for ${tenant} in ${sent.seconds.toFixed(1)} s (${rate}/s), ` +
            `${sent.rejected} rejected (kept in the topic events.dead-letter with the reason), ${sent.retries} retries.\n` +
            `Event ids: ${tenant}/${idPrefix}-<batch>/<line>. A second or two from now: make query`,
        )
      }
      return sent.rejected > 0 ? 1 : 0
    } finally {
      client.close()
    }
  })

/** One line that rewrites itself on a terminal, one line every few seconds in a log. */
async function progress(on: boolean) {
  const tty = process.stderr.isTTY
  let last = 0
  const print = (done: { acknowledged: number; rejected: number; retries: number }) => {
    const now = performance.now()
    if (!on || now - last < (tty ? 200 : 5_000)) return
    last = now
    const text = `${done.acknowledged} acknowledged, ${done.rejected} rejected, ${done.retries} retries`
    process.stderr.write(tty ? `\r\x1b[K${text}` : `${text}\n`)
  }
  return Object.assign(print, { end: () => on && tty && process.stderr.write('\r\x1b[K') })
}
