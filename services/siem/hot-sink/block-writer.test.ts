import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRecord } from '../../common/codec/record.ts'
import { silentLog } from '../../common/log/log.ts'
import type { Block } from './block.ts'
import { BlockWriter } from './block-writer.ts'
import type { StoredBatch } from './duplicates.ts'
import { HotTierError } from './errors.ts'
import type { PartitionOptions } from './partition-options.ts'
import { readRecord } from './record.ts'
import { eventContent } from './rows.ts'
import { Semaphore } from './semaphore.ts'

const value = encodeRecord({ tenant: 't', batch: 'b', arrival: 0, lines: [0], events: [Buffer.from('{}')] })
const record = readRecord({ offset: 0n, key: null, value, timestamp: 0 }, 10_000, 0)
const block: Block = { from: 0n, to: 1n, records: [record], version: 0 }
const all: readonly StoredBatch[] = [{ tenant: 't', batch: 'b', lines: [0] }]
const away = new HotTierError('UNAVAILABLE', 'unknown status of insert')

/** A writer whose look-ups and inserts go as told, one after the other; what is left over is kept. */
function writerOf(
  of: Block,
  looks: (readonly StoredBatch[])[],
  inserts: (HotTierError | 'yes')[],
  more: Partial<PartitionOptions> = {},
) {
  const options = {
    topic: 'events.raw',
    content: eventContent,
    partition: 0,
    commit: async () => {},
    limits: { maxRecordBytes: 10_000 },
    places: new Semaphore(1),
    log: silentLog,
    making: new Semaphore(1),
    hotTier: {
      stored: async () => looks.shift() ?? assert.fail('a look-up too many'),
      insert: async () => {
        const answer = inserts.shift() ?? assert.fail('an insert too many')
        if (answer !== 'yes') throw answer
      },
    },
    ...more,
  } as unknown as PartitionOptions
  return { writer: new BlockWriter(options, of, new AbortController().signal), looks, inserts }
}

test('a first insert is believed', async () => {
  const { writer, looks, inserts } = writerOf(block, [[]], ['yes'])
  await writer.write()
  assert.deepEqual([looks.length, inserts.length], [0, 0])
})

test('a repeated insert is believed when its rows are found: replicas say yes to a token whose part they give up', async () => {
  const { writer, looks } = writerOf(block, [[], [], [], [], all], [away, 'yes', 'yes'])
  await assert.rejects(writer.write(), { code: 'UNAVAILABLE' })
  await assert.rejects(writer.write(), { code: 'UNSETTLED', passesSoon: true })
  await writer.write()
  assert.equal(looks.length, 0)
})

test('so is that of a block which an earlier owner had begun', async () => {
  const { writer } = writerOf({ ...block, begun: true }, [[], []], ['yes'])
  await assert.rejects(writer.write(), { code: 'UNSETTLED' })
})

test('a block whose rows are all stored needs no insert', async () => {
  const { writer } = writerOf({ ...block, begun: true }, [all], [])
  await writer.write()
})

test('the rows of one block at a time are made, however many blocks are on their way: their memory is that of one', async () => {
  const making = new Semaphore(1)
  let [now, most] = [0, 0]
  const content = {
    ...eventContent,
    rows: async (kept: Parameters<typeof eventContent.rows>[0]) => {
      most = Math.max(most, ++now)
      const rows = await eventContent.rows(kept)
      await new Promise(setImmediate)
      now--
      return rows
    },
  }
  const writers = Array.from({ length: 4 }, () => writerOf(block, [[]], ['yes'], { making, content }))
  await Promise.all(writers.map(({ writer }) => writer.write()))
  assert.equal(most, 1)
  assert.ok(writers.every(({ inserts }) => inserts.length === 0))
})
