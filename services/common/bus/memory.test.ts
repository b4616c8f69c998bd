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
