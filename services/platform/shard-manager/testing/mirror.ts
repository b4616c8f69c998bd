import type { TopicName } from '../../../../policies/storage.ts'
import type { ConsumedRecord, OutgoingRecord, Producer, Reader, Removal } from '../../../common/bus/bus.ts'
import type { SimBus } from './sim-shard.ts'

export interface MirrorOptions {
  readonly reader: (topic: TopicName) => Reader
  readonly producer: Pick<Producer, 'send'>
  readonly partitionsOf: (topic: TopicName) => number
}

/** Topics of a real broker as they have been read so far, and writes that are sent in order: what a simulated engine works on. */
export class Mirror implements SimBus {
  readonly #options: MirrorOptions
  readonly #readers = new Map<TopicName, Reader>()
  readonly #logs = new Map<string, ConsumedRecord[]>()
  #waiting: (OutgoingRecord | Removal)[] = []

  constructor(options: MirrorOptions) {
    this.#options = options
  }

  /** Begins to read a topic; resolves when what was there is there. */
  async read(topic: TopicName): Promise<void> {
    const reader = this.#options.reader(topic)
    this.#readers.set(topic, reader)
    for (let partition = 0; partition < this.#options.partitionsOf(topic); partition++) {
      const log: ConsumedRecord[] = []
      this.#logs.set(`${topic}/${partition}`, log)
      const take = (records: readonly ConsumedRecord[]) => {
        log.push(...records)
      }
      reader.follow(partition, await reader.toEnd(partition, undefined, take), take)
    }
  }

  records(topic: TopicName, partition?: number): readonly ConsumedRecord[] {
    if (partition !== undefined) return this.#logs.get(`${topic}/${partition}`) ?? []
    return Array.from({ length: this.#options.partitionsOf(topic) }, (_, p) => this.records(topic, p)).flat()
  }

  append(record: OutgoingRecord | Removal): void {
    this.#waiting.push(record)
  }

  /** Sends what was appended. */
  async flush(): Promise<void> {
    const records = this.#waiting
    this.#waiting = []
    if (records.length > 0) await this.#options.producer.send(records)
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.close()
  }
}
