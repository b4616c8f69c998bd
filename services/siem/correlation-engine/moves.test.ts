import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { MemoryBus } from '../../common/bus/memory.ts'
import type { Duty } from '../../common/sharding/duties.ts'
import { slotOf } from '../../common/sharding/slot.ts'
import { alertsIn, encoded, failed, partitions, sendEvents, TestShard } from './testing/engine.ts'

const slot = slotOf('acme')
const move = 'm-1'

/** Waits for what a shard reports: its own loops look every 100 ms. */
async function reported(shard: TestShard, is: string): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if (shard.moves.some((one) => one.is === is && one.move === move)) return
    await delay(20)
  }
  assert.fail(`It never says '${is}': ${JSON.stringify(shard.moves.map((one) => one.is))}`)
}

const obey = (shard: TestShard, version: number, duty: Duty | undefined) =>
  shard.engine.obey(version, new Map(duty ? [[slot, duty]] : []))

async function pair({ remembered = 100 } = {}) {
  const bus = new MemoryBus(partitions)
  const from = await new TestShard(bus, { shard: 0, remembered }).start([slot])
  const to = await new TestShard(bus, { shard: 1, remembered }).start([])
  let batch = 0
  const send = (...events: readonly unknown[]) => sendEvents(bus, 'acme', `b-${batch++}`, events)
  const read = async () => {
    for (const shard of [from, to]) await shard.settle()
  }
  return { bus, from, to, send, read }
}

test('a slot moves with its windows: no alert is lost or doubled, and each has one owner', async () => {
  const { bus, from, to, send, read } = await pair()
  send(failed('bob', 1), encoded(1))
  await read()
  await Promise.all([obey(from, 2, { do: 'serve', epoch: 1, move }), obey(to, 2, { do: 'prepare', move })])
  await reported(to, 'ready')
  await Promise.all([obey(from, 3, { do: 'copy', epoch: 1, move }), obey(to, 3, { do: 'prepare', move })])
  await reported(from, 'copied')
  send(failed('bob', 2), encoded(2))
  await read()
  await Promise.all([obey(from, 4, { do: 'serve', epoch: 1, move }), obey(to, 4, { do: 'shadow', move, from: 0 })])
  await reported(to, 'caught-up')
  send(encoded(3))
  await read()
  const cutover = [obey(from, 5, { do: 'stop', epoch: 1, move }), obey(to, 5, { do: 'take', epoch: 2, move })]
  // What comes in the middle is one's or the other's.
  send(encoded(4))
  await read()
  await Promise.all(cutover)
  await reported(from, 'stopped')
  await reported(to, 'owned')
  send(failed('bob', 5), encoded(5))
  await read()
  await Promise.all([obey(from, 6, { do: 'forget', move }), obey(to, 6, { do: 'take', epoch: 2, move })])
  await reported(from, 'forgotten')
  await Promise.all([obey(from, 7, undefined), obey(to, 7, { do: 'own', epoch: 2 })])
  send(encoded(6))
  await read()
  const found = alertsIn(bus).map(({ title, time }) => `${title} ${time % 60_000}`)
  assert.deepEqual(found.sort(), [
    ...[1, 2, 3, 4, 5, 6].map((second) => `Encoded command ${second * 1_000}`),
    'Many failed logons 5000',
  ])
  assert.equal(from.engine.slots, 0)
  assert.equal(to.engine.slots, 1)
  assert.equal(to.version, 7)
})

test('the new owner waits for the old one’s last word, also when that was killed before it said it', async () => {
  const { bus, from, to, send, read } = await pair()
  send(failed('bob', 1))
  await read()
  await from.engine.save()
  send(failed('bob', 2), encoded(2))
  await read()
  from.crash()
  void obey(to, 2, { do: 'take', epoch: 2, move })
  send(failed('bob', 3))
  await to.settle()
  assert.equal(to.engine.slots, 0)
  const again = new TestShard(bus, { shard: 0 })
  await again.engine.start()
  await obey(again, 2, { do: 'stop', epoch: 1, move })
  await reported(again, 'stopped')
  await reported(to, 'owned')
  await to.settle()
  assert.deepEqual(
    alertsIn(bus)
      .map(({ title }) => title)
      .sort(),
    ['Encoded command', 'Many failed logons'],
  )
})

test('an old owner that was killed after it wrote alerts stops where it had saved, and the new one leaves out what is written', async () => {
  const remembered = 1
  const { bus, from, to, send, read } = await pair({ remembered })
  for (let second = 0; second < 5; second++) send(encoded(second), failed('bob', second))
  await read()
  assert.equal(alertsIn(bus).length, 6)
  from.crash()
  const again = new TestShard(bus, { shard: 0, remembered })
  await again.engine.start()
  await obey(again, 2, { do: 'stop', epoch: 1, move })
  await reported(again, 'stopped')
  assert.equal(again.moves[0]?.offset, 0n)
  await obey(to, 2, { do: 'take', epoch: 2, move })
  await reported(to, 'owned')
  send(encoded(5))
  await to.settle()
  const found = alertsIn(bus).map(({ title }) => title)
  assert.deepEqual(found.sort(), [...Array.from({ length: 6 }, () => 'Encoded command'), 'Many failed logons'])
  assert.equal(to.counts.seen.repeated, 6)
})

test('a new owner that is killed before it saved begins again at the cut, and writes nothing twice', async () => {
  const { bus, from, to, send, read } = await pair()
  send(failed('bob', 1), failed('bob', 2))
  await read()
  await obey(from, 2, { do: 'stop', epoch: 1, move })
  await reported(from, 'stopped')
  send(failed('bob', 3), encoded(3))
  await obey(to, 2, { do: 'take', epoch: 2, move })
  await reported(to, 'owned')
  await to.settle()
  to.crash()
  const again = new TestShard(bus, { shard: 1 })
  await again.engine.start()
  await obey(again, 2, { do: 'take', epoch: 2, move })
  await reported(again, 'owned')
  send(encoded(4))
  await again.settle()
  const found = alertsIn(bus).map(({ title }) => title)
  assert.deepEqual(found.sort(), ['Encoded command', 'Encoded command', 'Many failed logons'])
})

test('an old owner that is killed after its last word says it again, and does nothing more', async () => {
  const { bus, from, send } = await pair()
  send(failed('bob', 1))
  await from.settle()
  await obey(from, 2, { do: 'stop', epoch: 1, move })
  await reported(from, 'stopped')
  const offset = from.moves[0]?.offset
  from.crash()
  const again = new TestShard(bus, { shard: 0 })
  await again.engine.start()
  await obey(again, 2, { do: 'stop', epoch: 1, move })
  await reported(again, 'stopped')
  assert.equal((again.moves[0] as { offset?: bigint }).offset, offset)
  send(encoded(2))
  await again.settle()
  assert.deepEqual(alertsIn(bus), [])
})
