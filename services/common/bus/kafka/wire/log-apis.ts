import type { Api } from './api.ts'

/** Where a list of offsets may be asked from. */
export const earliest = -2n
export const latest = -1n

export interface InitProducerIdAnswer {
  readonly error: number
  readonly producerId: bigint
  readonly epoch: number
}

/** A number for a producer, by which brokers know its batches. */
export const initProducerId: Api<void, InitProducerIdAnswer> = {
  name: 'InitProducerId',
  key: 22,
  version: 1,
  write: (w) => w.string(null).int32(0),
  read: (r) => {
    r.int32()
    return { error: r.int16(), producerId: r.int64(), epoch: r.int16() }
  },
}

export interface ProduceBatch {
  readonly topic: string
  readonly partition: number
  readonly bytes: Buffer
}

export interface ProduceRequest {
  /** How long the leader waits for the replicas, milliseconds. */
  readonly timeoutMs: number
  /** At most one for each partition. */
  readonly batches: readonly ProduceBatch[]
}

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  readonly error: number
}

/** Batches for partitions that one broker leads; answered when all in-sync replicas have them. */
export const produce: Api<ProduceRequest, readonly ProducedBatch[]> = {
  name: 'Produce',
  key: 0,
  version: 7,
  size: ({ batches }) => batches.reduce((sum, { bytes, topic }) => sum + bytes.length + topic.length + 32, 32),
  write: (w, { timeoutMs, batches }) =>
    w
      .string(null)
      .int16(-1)
      .int32(timeoutMs)
      .array([...Map.groupBy(batches, ({ topic }) => topic)], (_, [topic, list]) =>
        w.string(topic).array(list, (__, { partition, bytes }) => w.int32(partition).bytesField(bytes)),
      ),
  read: (r) => {
    const answers = r.array(() => {
      const topic = r.string()
      return r.array(() => {
        const answer = { topic, partition: r.int32(), error: r.int16() }
        r.skip(24)
        return answer
      })
    })
    return answers.flat()
  },
}

export interface FetchRequest {
  readonly topic: string
  /** How long the broker may hold the answer until there are `minBytes`. */
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly partitions: readonly { readonly partition: number; readonly offset: bigint }[]
}

export interface FetchedPartition {
  readonly partition: number
  readonly error: number
  /** The offset after the newest record that may be read. */
  readonly end: bigint
  /** Batches of records, whole or cut off at the end. */
  readonly bytes: Buffer | null
}

export interface Fetched {
  readonly error: number
  readonly partitions: readonly FetchedPartition[]
}

/** Records of partitions that one broker leads. */
export const fetch: Api<FetchRequest, Fetched> = {
  name: 'Fetch',
  key: 1,
  version: 11,
  write: (w, { topic, maxWaitMs, minBytes, maxBytes, partitions }) =>
    w
      .int32(-1)
      .int32(maxWaitMs)
      .int32(minBytes)
      .int32(maxBytes)
      .int8(0)
      .int32(0)
      .int32(-1)
      .array([topic], () =>
        w
          .string(topic)
          .array(partitions, (_, { partition, offset }) =>
            w.int32(partition).int32(-1).int64(offset).int64(-1n).int32(maxBytes),
          ),
      )
      .int32(0)
      .string(''),
  read: (r) => {
    r.int32()
    const error = r.int16()
    r.int32()
    const topics = r.array(() => {
      r.string()
      return r.array(() => {
        const head = { partition: r.int32(), error: r.int16(), end: r.int64() }
        r.skip(16)
        r.array(() => r.skip(16))
        r.int32()
        return { ...head, bytes: r.bytesField() }
      })
    })
    return { error, partitions: topics.flat() }
  },
}

export interface ListOffsetsRequest {
  readonly topic: string
  /** `earliest` or `latest`. */
  readonly at: bigint
  readonly partitions: readonly number[]
}

export interface ListedOffset {
  readonly partition: number
  readonly error: number
  readonly offset: bigint
}

/** The first offset, or that after the last, of partitions that one broker leads. */
export const listOffsets: Api<ListOffsetsRequest, readonly ListedOffset[]> = {
  name: 'ListOffsets',
  key: 2,
  version: 5,
  write: (w, { topic, at, partitions }) =>
    w
      .int32(-1)
      .int8(0)
      .array([topic], () =>
        w.string(topic).array(partitions, (_, partition) => w.int32(partition).int32(-1).int64(at)),
      ),
  read: (r) => {
    r.int32()
    const topics = r.array(() => {
      r.string()
      return r.array(() => {
        const head = { partition: r.int32(), error: r.int16() }
        r.int64()
        const offset = r.int64()
        r.int32()
        return { ...head, offset }
      })
    })
    return topics.flat()
  },
}
