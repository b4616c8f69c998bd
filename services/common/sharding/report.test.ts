import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { BusError } from '../bus/errors.ts'
import { MemoryBus } from '../bus/memory.ts'
import { silentLog } from '../log/log.ts'
import { decodeLoad, decodeReport, encodeLoad, encodeReport, ShardReports } from './report.ts'

test('reports and loads read back as they were written, and nothing else is taken for one', () => {
  const report = {
    shard: 1,
    incarnation: 'i',
    map: 7,
    at: 5,
    moves: [
      { move: '3-1', slot: 1, is: 'stopped', offset: 2n ** 60n },
      { move: '3-2', slot: 2, is: 'caught-up', lag: 3 },
    ],
  } as const
  assert.deepEqual(decodeReport(encodeReport(report)), report)
  const load = { shard: 1, incarnation: 'i', slots: new Map([[4, 0.5]]) }
  assert.deepEqual(decodeLoad(encodeLoad(load)), load)
  fc.assert(
    fc.property(
      fc.oneof(fc.json(), fc.string(), fc.constantFrom('{"format":1}', '{"format":1,"shard":1,"map":1}')),
      (text) => {
        assert.equal(decodeReport(Buffer.from(text)), undefined)
        assert.equal(decodeLoad(Buffer.from(text)), undefined)
      },
    ),
  )
  const unknown = encodeReport(report).toString().replace('stopped', 'resigned')
  assert.equal(decodeReport(Buffer.from(unknown)), undefined)
})

test('a report is sent until it is acknowledged, the last word only, and repeated while there are moves', async () => {
  const bus = new MemoryBus()
  bus.failures.push(new BusError('UNAVAILABLE', 'gone'))
  const producer = bus.producer()
  const reports = new ShardReports({ producer, shard: 2, incarnation: 'i', log: silentLog, repeatMs: 1, now: () => 9 })
  const last = () => bus.records('shards.reports').at(-1)
  const until = async (condition: () => boolean) => {
    while (!condition()) await turn()
  }
  reports.put({ map: 1, moves: [] })
  reports.put({ map: 2, moves: [] })
  await until(() => bus.records('shards.reports').length > 0)
  assert.equal(bus.records('shards.reports').length, 1)
  assert.deepEqual([last()!.key?.toString(), decodeReport(last()!.value)?.map], ['report/2', 2])
  reports.put({ map: 3, moves: [{ move: 'm', slot: 1, is: 'ready' }] })
  await until(() => bus.records('shards.reports').length >= 5)
  reports.load(new Map([[1, 2]]))
  await until(() => bus.records('shards.reports').some(({ key }) => key?.toString() === 'load/2'))
  await reports.close()
})
