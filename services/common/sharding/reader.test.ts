import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { ConsumedRecord, Reader, RecordsHandler } from '../bus/bus.ts'
import { silentLog } from '../log/log.ts'
import { type Claim, encodeMapRecord, type MapRecord } from './format.ts'
import { ShardMapReader } from './reader.ts'
import { exampleMap } from './testing.ts'

/** A topic that a test compacts as it likes. */
class Topic implements Reader {
  records: ConsumedRecord[] = []
  #handle: RecordsHandler | undefined
  #next = 0n
  readonly healthy = true

  async write(key: string, record: Claim | MapRecord): Promise<void> {
    const one = { offset: this.#next++, key: Buffer.from(key), value: encodeMapRecord(record), timestamp: 0 }
    this.records.push(one)
    await this.#handle?.([one])
  }

  /** Written while nobody was reading. */
  async writeUnseen(key: string, record: Claim | MapRecord): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await this.write(key, record)
    this.#handle = handle
  }

  async toEnd(_: number, __: bigint | undefined, handle: RecordsHandler): Promise<bigint> {
    if (this.records.length > 0) await handle(this.records)
    return this.#next
  }

  follow(_: number, __: bigint, handle: RecordsHandler): () => Promise<void> {
    this.#handle = handle
    return async () => {
      this.#handle = undefined
    }
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return new Map([[0, this.#next]])
  }

  async close(): Promise<void> {}
}

const map = (version: number, term = 1, writer = 'a'): MapRecord => ({
  kind: 'map',
  term,
  writer,
  content: { ...exampleMap(), version },
})

test('a reader takes versions in order, never goes back, and refuses what does not count', async () => {
  const topic = new Topic()
  await topic.write('c1', { kind: 'claim', term: 1, writer: 'a' })
  await topic.write('m1', map(1))
  await topic.write('m2', map(2))
  const refused: string[] = []
  const reader = new ShardMapReader({ reader: topic, log: silentLog, refused: (why) => refused.push(why) })
  assert.equal(typeof reader.current, 'undefined')
  await reader.start()
  const seen: (readonly [number, number | undefined])[] = []
  const stop = reader.onChange((is, before) => seen.push([is.version, before?.version]))
  await topic.write('m3', map(3))
  await topic.write('m2b', map(2))
  await topic.write('c2', { kind: 'claim', term: 2, writer: 'b' })
  await topic.write('m4a', map(4))
  await topic.write('m4b', map(4, 2, 'b'))
  stop()
  await topic.write('m5', map(5, 2, 'b'))
  assert.deepEqual(seen, [
    [2, undefined],
    [3, 2],
    [4, 3],
  ])
  assert.deepEqual(refused, ['old', 'fenced'])
  assert.deepEqual([reader.current?.version, reader.term], [5, { term: 2, writer: 'b' }])
  await reader.close()
})

test('versions were compacted away while nobody read: a gap is no version, what is left of the topic is', async () => {
  const topic = new Topic()
  await topic.write('c1', { kind: 'claim', term: 1, writer: 'a' })
  await topic.write('m1', map(1))
  const refused: string[] = []
  const reader = new ShardMapReader({ reader: topic, log: silentLog, refused: (why) => refused.push(why) })
  await reader.start()
  for (const version of [2, 3, 4]) await topic.writeUnseen(`m${version}`, map(version))
  topic.records = topic.records.filter(({ key }) => ['c1', 'm4'].includes(key!.toString()))
  await topic.write('m5', map(5))
  await turn()
  assert.deepEqual([refused, reader.current?.version], [['gap'], 5])
  // A record that stands there and follows nothing is refused for good.
  await topic.write('m9', map(9, 1, 'z'))
  const { current } = reader
  assert.equal(current?.version, 5)
  await reader.close()
})
