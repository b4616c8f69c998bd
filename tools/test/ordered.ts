import type { Kafka } from 'kafkajs'
import type { TopicName } from '../../policies/storage.ts'
import { decodeRecord } from '../../services/common/codec/record.ts'
import { type RegionClient, untilFinal } from '../region/client.ts'

/** What a tenant's single sender had acknowledged: batches by their number, each with events that say their place, and one that raises an alert. */
export interface OrderedLoad {
  /** Ids of the events that must have an alert each. */
  readonly canaries: readonly string[]
  readonly batches: readonly string[]
  readonly events: number
}

const eventsPerBatch = 20

/** A cleared event log, which a shipped rule reports. The place of an event in the stream is in it. */
const cleared = (place: number): string =>
  JSON.stringify({
    Channel: 'System',
    EventID: 104,
    SourceName: 'Microsoft-Windows-Eventlog',
    Hostname: 'order',
    place,
  })
const plain = (place: number): string =>
  JSON.stringify({ Channel: 'Application', EventID: 1, Hostname: 'order', place })

/**
 * Sends batch after batch, each only when the one before is acknowledged, until `stop` fires. So the tenant's events have one order, which every part of the
 * platform must keep.
 */
export async function sendInOrder(client: RegionClient, tenant: string, stop: AbortSignal): Promise<OrderedLoad> {
  const canaries: string[] = []
  const sent: string[] = []
  while (!stop.aborted) {
    const batch = `order-${sent.length}`
    const first = sent.length * eventsPerBatch
    const lines = Array.from({ length: eventsPerBatch }, (_, i) => (i === 7 ? cleared : plain)(first + i))
    const reply = await untilFinal(
      () =>
        client.call('POST', '/v1/events', `${lines.join('\n')}\n`, {
          'content-type': 'application/x-ndjson',
          'idempotency-key': batch,
        }),
      { deadlineMs: 240_000 },
    )
    if (reply.status !== 200) throw new Error(`The collector answered ${reply.status}: ${reply.body}`)
    sent.push(batch)
    canaries.push(`${tenant}/${batch}/7`)
  }
  return { canaries, batches: sent, events: sent.length * eventsPerBatch }
}

/** Every record of a topic as it stands now, partition by partition, in order. */
export async function readTopic(
  kafka: Kafka,
  topic: TopicName,
  each: (value: Buffer, partition: number, offset: bigint) => void,
): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const left = new Map(
    ends.filter(({ high, low }) => high !== low).map(({ partition, high }) => [partition, BigInt(high)]),
  )
  if (left.size === 0) return
  const consumer = kafka.consumer({ groupId: `check-${process.pid}-${Date.now().toString(36)}` })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ partition, message }) => {
            const end = left.get(partition)
            if (end === undefined) return
            const offset = BigInt(message.offset)
            if (message.value && offset < end) each(message.value, partition, offset)
            if (offset + 1n >= end) left.delete(partition)
            if (left.size === 0) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
}

/** The places of a tenant's ordered events as `events.raw` has them, each at its first occurrence: a repeated batch stands there twice. */
export async function placesInTopic(kafka: Kafka, tenant: string, maxRecord: number): Promise<readonly number[]> {
  const seen = new Set<string>()
  const places: number[] = []
  await readTopic(kafka, 'events.raw', (value) => {
    const batch = decodeRecord(value, maxRecord)
    if (batch.tenant !== tenant || !batch.batch.startsWith('order-')) return
    for (const [i, event] of batch.events.entries()) {
      const id = `${batch.batch}/${batch.lines[i]}`
      if (seen.has(id)) continue
      seen.add(id)
      places.push((JSON.parse(event.toString('utf8')) as { place: number }).place)
    }
  })
  return places
}
