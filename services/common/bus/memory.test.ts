import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Assignment } from './bus.ts'
import { BusError } from './errors.ts'
import { MemoryBus } from './memory.ts'

const record = (partition: number, value: string) =>
  ({ topic: 'events.raw', partition, key: null, value: Buffer.from(value) }) as const

test('a generation begins at the commits, hands over in order, and what was not committed comes again', async () => {
  const bus = new MemoryBus(2)
  await bus.producer().send([record(0, 'a'), record(0, 'b'), record(1, 'c')])
  const consumer = bus.consumer('g', 'events.raw')
  const seen: string[] = []
  let assigned: readonly Assignment[] = []
  await consumer.run({
    assigned: (assignments) => {
      assigned = assignments
    },
    revoked: () => {},
    records: (partition, records) => {
      for (const { offset, value } of records) seen.push(`${partition}/${offset}/${value}`)
    },
  })
  assert.equal(await consumer.poll(), 3)
  await consumer.commit(0, 1n, 'end=2')
  await consumer.revoke()
  await assert.rejects(consumer.commit(0, 2n), (error: unknown) => error instanceof BusError && error.code === 'FENCED')
  await consumer.assign()
  assert.deepEqual(assigned[0], { partition: 0, committed: { offset: 1n, metadata: 'end=2' } })
  await consumer.poll()
  assert.deepEqual(seen, ['0/0/a', '0/1/b', '1/0/c', '0/1/b', '1/0/c'])
  assert.equal((await consumer.endOffsets()).get(0), 2n)
})

test('a lost acknowledgement: the send fails and the record is there', async () => {
  const bus = new MemoryBus(1)
  bus.failures.push(new BusError('TIMEOUT', 'late'))
  bus.writeOnFailure = true
  await assert.rejects(bus.producer().send([record(0, 'a')]), /late/)
  assert.equal(bus.records('events.raw').length, 1)
})

test('who runs last holds the group; the holder before is fenced and told; a choice changes nothing for what stays', async () => {
  const bus = new MemoryBus(3)
  await bus.producer().send([record(0, 'a'), record(1, 'b'), record(2, 'c')])
  const events: string[] = []
  const open = (name: string) => {
    const consumer = bus.soleConsumer('shard-1', 'events.raw')
    return {
      consumer,
      run: () =>
        consumer.run({
          assigned: (list) => void events.push(`${name}+${list.map((a) => `${a.partition}@${a.committed?.offset}`)}`),
          revoked: (list) => void events.push(`${name}-${list}`),
          records: (_, records) => void events.push(...records.map(({ value }) => `${name}:${value}`)),
        }),
    }
  }
  const [old, fresh] = [open('old'), open('new')]
  await old.consumer.choose([0, 1])
  await old.run()
  await old.consumer.poll()
  await old.consumer.commit(1, 1n)
  await old.consumer.choose([1, 2])
  await old.consumer.poll()
  await assert.rejects(old.consumer.commit(0, 1n), { code: 'FENCED' })
  await fresh.consumer.choose([1])
  await fresh.run()
  await assert.rejects(old.consumer.commit(1, 1n), { code: 'FENCED' })
  assert.deepEqual(events, [
    'old+0@undefined,1@undefined',
    'old:a',
    'old:b',
    'old-0',
    'old+2@undefined',
    'old:c',
    'old-1,2',
    'new+1@1',
  ])
})

test('a reader hands over what is there, then what comes, each once; a removed key reads as empty', async () => {
  const bus = new MemoryBus(1)
  const reader = bus.reader('events.raw')
  const seen: string[] = []
  const handle = (records: readonly { offset: bigint; value: Buffer }[]) =>
    void seen.push(...records.map(({ offset, value }) => `${offset}:${value}`))
  await bus.producer().send([record(0, 'a'), record(0, 'b')])
  const end = await reader.toEnd(0, 1n, handle)
  const stop = reader.follow(0, end, handle)
  await bus.producer().send([record(0, 'c'), { topic: 'events.raw', partition: 0, key: Buffer.from('k'), value: null }])
  await reader.idle()
  await stop()
  await bus.producer().send([record(0, 'd')])
  await reader.close()
  assert.deepEqual(seen, ['1:b', '2:c', '3:'])
})
