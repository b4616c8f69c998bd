import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLog } from '../../../services/common/log/log.ts'
import { type ClientName, clients, type Place } from './clients.ts'

/** What main.ts tells one process of a run. */
export interface Task extends Omit<Place, 'log'> {
  readonly role: 'producer' | 'consumer'
  readonly client: ClientName
  readonly partitions: number
  /** Records a second, and bytes of each. */
  readonly rate: number
  readonly bytes: number
  readonly seconds: number
}

export type Told =
  | { readonly is: 'ready' }
  | { readonly is: 'done'; readonly records: number; readonly p50: number; readonly p99: number }

const warmSeconds = 1
const now = () => performance.timeOrigin + performance.now()
const tell = (told: Told) => process.send!(told)

/** Nearest rank, in milliseconds. */
function quantiles(values: number[]): { readonly p50: number; readonly p99: number } {
  values.sort((a, b) => a - b)
  const at = (share: number) => Number((values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0).toFixed(2))
  return { p50: at(0.5), p99: at(0.99) }
}

/** Records on their schedule, whatever becomes of those before (open loop); the first eight bytes say when one was due. */
async function produce(task: Task): Promise<void> {
  const { client, rate, bytes, seconds, partitions } = task
  const producer = await clients[client].producer({ ...task, log: silentLog })
  const filler = randomBytes(bytes + 4_096)
  const latencies: number[] = []
  let failure: unknown
  const run = async (count: number, measured: boolean) => {
    const begin = now()
    const settled: Promise<void>[] = []
    for (let i = 0; i < count; ) {
      const due = Math.min(count, Math.floor(((now() - begin) * rate) / 1_000))
      for (; i < due; i++) {
        const at = begin + (i * 1_000) / rate
        const value = Buffer.from(filler.subarray(i % 4_096, (i % 4_096) + bytes))
        value.writeDoubleBE(measured ? at : 0, 0)
        settled.push(
          producer.send({ partition: i % partitions, value }).then(
            () => void latencies.push(now() - at),
            (error: unknown) => {
              failure ??= error
            },
          ),
        )
      }
      await delay(1)
    }
    await Promise.all(settled)
  }
  await run(rate * warmSeconds, false)
  latencies.length = 0
  tell({ is: 'ready' })
  await once(process, 'message')
  await run(rate * seconds, true)
  if (failure !== undefined) throw new Error(`Not every record was acknowledged: ${failure}`)
  tell({ is: 'done', records: rate * seconds, ...quantiles(latencies) })
  // Alive until what it used has been read.
  await once(process, 'message')
  await producer.close()
}

async function consume(task: Task): Promise<void> {
  const latencies: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = await clients[task.client].consumer({ ...task, log: silentLog }, (value) => {
    const due = value.readDoubleBE(0)
    if (due === 0) return
    latencies.push(now() - due)
    if (latencies.length === task.rate * task.seconds) resolve()
  })
  tell({ is: 'ready' })
  await promise
  tell({ is: 'done', records: latencies.length, ...quantiles(latencies) })
  await once(process, 'message')
  await stop()
}

process.once('message', async (task: Task) => {
  await (task.role === 'producer' ? produce(task) : consume(task))
  process.disconnect()
})
