import { setImmediate as macrotask } from 'node:timers/promises'
import type { KafkaProducerOptions } from '../producer.ts'
import type { Api } from '../wire/api.ts'
import { type Connection, ConnectionError } from '../wire/connection.ts'
import { initProducerId, type ProduceRequest, produce } from '../wire/log-apis.ts'
import { decodeBatches } from '../wire/records.ts'

/** What becomes of a request. Those but `refused` and `lost` write its batches, `late` after the next ones. */
export type Outcome = 'ok' | 'lost' | 'answer lost' | 'late' | 'refused' | 'too few replicas' | 'silent' | 'moved'

interface Known {
  epoch: number
  /** The last five batches: first sequence and count. */
  readonly last: { readonly first: number; readonly count: number }[]
}

/** Brokers as far as a producer knows them, with a partition leader's rules for sequences. */
export class ModelBrokers implements NonNullable<KafkaProducerOptions['cluster']> {
  /** Values by `topic:partition`. */
  readonly logs = new Map<string, string[]>()
  readonly requests: ProduceRequest[] = []
  readonly script: Outcome[]
  mostAtOnce = 0
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve()
  #known = new Map<string, Known>()
  #late: ProduceRequest[] = []
  #underWay = 0
  #leader = 1
  #ids = 0n

  constructor(...script: Outcome[]) {
    this.script = script
  }

  async leaders(): Promise<ReadonlyMap<number, number>> {
    return new Map([0, 1, 2, 3].map((partition) => [partition, this.#leader]))
  }

  knownLeaders(): ReadonlyMap<number, number> {
    return new Map([0, 1, 2, 3].map((partition) => [partition, this.#leader]))
  }

  async refresh(): Promise<void> {}

  close(): void {}

  async ask<Request, Answer>(api: Api<Request, Answer>): Promise<Answer> {
    if (api.name !== initProducerId.name) throw new Error(`${api.name} is not in the model.`)
    return { error: 0, producerId: this.#ids++, epoch: 0 } as Answer
  }

  async connection(): Promise<Connection> {
    const request = async (api: Api<ProduceRequest, unknown>, what: ProduceRequest) => {
      if (api.name !== produce.name) throw new Error(`${api.name} is not in the model.`)
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay)
      try {
        return await this.#produce(what)
      } finally {
        this.#underWay--
      }
    }
    return { request } as unknown as Connection
  }

  async #produce(request: ProduceRequest) {
    this.requests.push(request)
    const outcome = this.script.shift() ?? 'ok'
    await macrotask()
    await this.gate
    const gone = () => new ConnectionError('DISCONNECTED', 'The model hung up.')
    if (outcome === 'lost') throw gone()
    if (outcome === 'late') {
      this.#late.push(request)
      throw gone()
    }
    const answers = (error: number) => request.batches.map(({ topic, partition }) => ({ topic, partition, error }))
    if (outcome === 'refused') return answers(6)
    const written = this.#write(request)
    for (const late of this.#late.splice(0)) this.#write(late)
    if (outcome === 'answer lost') throw gone()
    if (outcome === 'moved') {
      this.#leader++
      throw gone()
    }
    if (outcome === 'too few replicas') return written.map((answer) => ({ ...answer, error: answer.error || 20 }))
    return outcome === 'silent' ? [] : written
  }

  #write({ batches }: ProduceRequest) {
    return batches.map(({ topic, partition, bytes }) => ({
      topic,
      partition,
      error: this.#append(topic, partition, bytes),
    }))
  }

  #append(topic: string, partition: number, bytes: Buffer): number {
    const key = `${topic}:${partition}`
    const [producer, epoch] = [bytes.readBigInt64BE(43), bytes.readInt16BE(51)]
    const [first, count] = [bytes.readInt32BE(53), bytes.readInt32BE(57)]
    const known = this.#known.get(`${key}:${producer}`)
    if (known !== undefined) {
      if (epoch < known.epoch) return 47
      if (epoch === known.epoch) {
        if (known.last.some((batch) => batch.first === first && batch.count === count)) return 0
        const newest = known.last.at(-1)!
        if (first !== newest.first + newest.count) return first < newest.first + newest.count ? 46 : 45
      } else if (first !== 0) return 45
    }
    const last = known?.epoch === epoch ? known.last : []
    this.#known.set(`${key}:${producer}`, { epoch, last: [...last, { first, count }].slice(-5) })
    const log = this.logs.get(key) ?? []
    this.logs.set(key, log)
    log.push(...decodeBatches(bytes, 0n).records.map(({ value }) => value.toString()))
    return 0
  }
}
