import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusError } from '../../common/bus/errors.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { silentLog } from '../../common/log/log.ts'
import { MapFold } from '../../common/sharding/fold.ts'
import { encodeMapRecord } from '../../common/sharding/format.ts'
import { exampleMap, placedMap, withOwner } from '../../common/sharding/testing.ts'
import { successor } from './advance.ts'
import { FencedError, MapWriter, UnlawfulError } from './writer.ts'

const writerOn = (bus: MemoryBus, writer: string): MapWriter =>
  new MapWriter({ reader: bus.reader('shards.map'), producer: bus.producer(), writer, log: silentLog, retryMs: 1 })
const append = (bus: MemoryBus, key: string, value: Buffer) =>
  bus.append({ topic: 'shards.map', partition: 0, key: Buffer.from(key), value })
/** What is left of each key. */
function left(bus: MemoryBus): readonly string[] {
  const last = new Map(bus.records('shards.map').map(({ key, value }) => [key!.toString(), value.length]))
  return [...last].filter(([, length]) => length > 0).map(([key]) => key.split('/').slice(0, 3).join('/'))
}

test('a version counts when it is read back, and the one before it is removed', async () => {
  const bus = new MemoryBus()
  const writer = writerOn(bus, 'a')
  await writer.claim()
  const first = exampleMap()
  await writer.publish(first)
  await writer.publish(successor(first, 1))
  await writer.publish(successor(successor(first, 1), 2))
  assert.equal(writer.maps.current?.version, 3)
  assert.deepEqual(left(bus), ['claim/1/a', 'map/1/3'])
  await writer.close()
})

test('an answer that got lost: the version is there once, whether it was written or not', async () => {
  for (const written of [true, false]) {
    const bus = new MemoryBus()
    const writer = writerOn(bus, 'a')
    await writer.claim()
    bus.failures.push(new BusError('UNAVAILABLE', 'gone'), new BusError('TIMEOUT', 'late'))
    bus.writeOnFailure = written
    await writer.publish(exampleMap())
    await writer.publish(successor(exampleMap(), 1))
    assert.equal(writer.maps.current?.version, 2)
    assert.equal(MapFold.replay(bus.records('shards.map')).map?.content.version, 2)
    await writer.close()
  }
})

test('who has been followed by another cannot publish, and learns it', async () => {
  const bus = new MemoryBus()
  const [old, fresh] = [writerOn(bus, 'a'), writerOn(bus, 'b')]
  await old.claim()
  await old.publish(exampleMap())
  await fresh.claim()
  assert.equal(fresh.maps.current?.version, 1)
  assert.ok((await old.lost) instanceof FencedError)
  await assert.rejects(old.publish(successor(exampleMap(), 1)), { code: 'FENCED' })
  // As if it had not read the claim yet when it wrote:
  const content = { ...exampleMap(), version: 2, at: 666 }
  append(bus, 'map/1/2/a/9', encodeMapRecord({ kind: 'map', term: 1, writer: 'a', content }))
  await fresh.publish(successor(exampleMap(), 7))
  assert.equal(MapFold.replay(bus.records('shards.map')).map?.content.at, 7)
  assert.deepEqual(left(bus), ['claim/2/b', 'map/2/2'])
  await old.close()
  await fresh.close()
})

test('a publication that is under way when another takes over is rejected', async () => {
  const bus = new MemoryBus()
  const [old, fresh] = [writerOn(bus, 'a'), writerOn(bus, 'b')]
  await old.claim()
  bus.hold()
  const publishing = old.publish(exampleMap())
  append(bus, 'claim/2/c/0', encodeMapRecord({ kind: 'claim', term: 2, writer: 'c' }))
  await assert.rejects(publishing, { code: 'FENCED' })
  bus.release()
  await fresh.claim()
  assert.equal(fresh.maps.current, undefined)
  await old.close()
  await fresh.close()
})

test('records of a newer manager stop an older one: it would go on from a map that is not the last', async () => {
  const bus = new MemoryBus()
  append(bus, 'map/9/9/z/0', Buffer.from(JSON.stringify({ format: 2 })))
  const writer = writerOn(bus, 'a')
  await assert.rejects(writer.claim(), /1 records that this manager cannot read/)
  await writer.close()
})

test('what breaks a law is not written', async () => {
  const bus = new MemoryBus()
  const writer = writerOn(bus, 'a')
  await writer.claim()
  await writer.publish(exampleMap())
  const { placements: placed } = placedMap({ tenant: 'acme', slots: [4_100] })
  const bad = [
    { content: successor(withOwner(exampleMap(), 4, 1, 2), 1), says: /slot 4 goes from 0 to 1 without a move/ },
    { content: successor(withOwner(exampleMap(), 4, 0, 2), 1), says: /slot 4 keeps its owner and changes its epoch/ },
    { content: successor(withOwner(exampleMap(), 4, 7, 2), 1), says: /slot 4 has no owner that exists/ },
    {
      content: { ...successor(exampleMap(), 1, { placements: placed }), usedSince: new Map() },
      says: /tenant 'acme' is placed since undefined instead of 2/,
    },
    {
      content: successor(exampleMap(), 1, { usedSince: new Map([['acme', 1]]) }),
      says: /tenant 'acme' is placed since 1 instead of undefined/,
    },
    { content: successor(exampleMap(), 1, { usedSince: new Map([['acme', 3]]) }), says: /placed since version 3/ },
    { content: { ...exampleMap(), version: 5 }, says: /version 5 after 1/ },
  ]
  for (const { content, says } of bad)
    await assert.rejects(
      writer.publish(content),
      (error: Error) => error instanceof UnlawfulError && says.test(error.message),
    )
  assert.equal(writer.maps.current?.version, 1)
  await writer.close()
})

test('a version that sends a tenant’s events elsewhere remembers that it does, and later ones remember it', () => {
  const placed = placedMap({ tenant: 'acme', slots: [4_100], active: false })
  const used = successor(placed, 1, { placements: placed.placements.map((one) => ({ ...one, active: true })) })
  assert.deepEqual([...used.usedSince], [['acme', 2]])
  const later = successor(successor(used, 2), 3, { placements: [] })
  assert.deepEqual([...later.usedSince], [['acme', 4]])
  assert.deepEqual(successor(placed, 1).usedSince, placed.usedSince)
})
