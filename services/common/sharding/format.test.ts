import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytes } from '../../../policies/model/units.ts'
import { sharding } from '../../../policies/sharding.ts'
import { topics } from '../../../policies/storage.ts'
import { decodeMapRecord, encodeMapRecord, MapFormatError } from './format.ts'
import type { MapContent } from './map.ts'
import { slotCount } from './slot.ts'
import { exampleMap, withOwner } from './testing.ts'

const full = (): MapContent => ({
  ...withOwner(exampleMap(3), 4096, 2, 7),
  version: 12,
  at: 1_700_000_000_000,
  begins: new Map([[4096, 2n ** 60n]]),
  placements: [{ tenant: 'acme', class: 'isolated', slots: [4096], by: [], active: false, since: 3 }],
  moves: [
    { id: '4-8', slot: 8, from: 2, to: 0, phase: 'catch-up', since: 11, at: 5 },
    { id: '4-9', slot: 9, from: 1, to: 0, phase: 'drain', since: 11, at: 5, cut: 2n ** 61n },
  ],
  rebalance: {
    id: 'r4',
    cause: 'isolate acme',
    actor: 'ops',
    started: 1,
    total: 9,
    done: 2,
    aborted: 0,
    waiting: [[17, 1]],
    aborting: false,
  },
  history: [{ id: 'r1', cause: 'c', actor: 'a', started: 1, ended: 2, moved: 3, outcome: 'done', version: 2 }],
})

test('a record reads back as it was written', () => {
  const map = { kind: 'map', term: 3, writer: 'w', content: full() } as const
  assert.deepEqual(decodeMapRecord(encodeMapRecord(map)), { ...map, content: { ...full() } })
  const claim = { kind: 'claim', term: 3, writer: 'w' } as const
  assert.deepEqual(decodeMapRecord(encodeMapRecord(claim)), claim)
})

test('the largest map fits into a record of its topic', () => {
  const random = (below: number) => Math.floor(Math.random() * below)
  const owners = Uint16Array.from({ length: slotCount }, () => random(64))
  const content = {
    ...exampleMap(64),
    owners,
    epochs: Uint32Array.from({ length: slotCount }, () => random(1e9)),
    begins: new Map(Array.from({ length: 256 }, (_, i) => [4096 + i, BigInt(random(1e15))])),
    placements: Array.from({ length: 256 }, (_, i) => ({
      tenant: 'x'.repeat(100) + i,
      class: 'isolated',
      slots: [4096 + i],
      by: [...sharding.classes.giant.by],
      region: 'us-east-1',
      active: true,
      since: 1e9,
    })),
    moves: Array.from({ length: 256 }, (_, i) => ({
      ...{
        id: `123456789-${i}`,
        slot: i,
        from: 64,
        to: owners[i]!,
        phase: 'drain',
        since: 1e9,
        at: Date.now(),
        cut: 10n ** 18n,
      },
    })),
    rebalance: { ...full().rebalance!, waiting: Array.from({ length: 4096 }, (_, i) => [i, random(64)] as const) },
    history: Array.from({ length: 100 }, () => ({
      ...full().history[0]!,
      cause: 'x'.repeat(200),
      actor: 'x'.repeat(64),
    })),
  } as MapContent
  const size = encodeMapRecord({ kind: 'map', term: 1e9, writer: 'w'.repeat(36), content }).length
  assert.ok(size < bytes(topics['shards.map'].maxRecord) / 4, `${size} bytes`)
})

test('what is no record is refused with a reason, and never anything else', () => {
  const good = encodeMapRecord({ kind: 'map', term: 1, writer: 'w', content: full() })
  const wire = JSON.parse(good.toString())
  const bad: readonly [object, RegExp][] = [
    [{ ...wire, format: 2 }, /format 2, and this reader knows 1: upgrade it/],
    [{ ...wire, term: 0 }, /no term/],
    [{ ...wire, kind: 'x' }, /kind 'x'/],
    [{ ...wire, owners: 'AAAA' }, /./],
    [{ ...wire, shards: wire.shards.slice(1) }, /slot 0 has no owner that exists/],
    [{ ...wire, moves: [{ ...wire.moves[0], phase: 'cutover' }] }, /move 4-8 in cutover, slot 8 of 2/],
    [{ ...wire, moves: [wire.moves[0], wire.moves[0]] }, /slot 8 moves twice/],
    [{ ...wire, placements: [{ ...wire.placements[0], slots: [4095] }] }, /slot 4095, not private/],
    [{ ...wire, placements: [{ ...wire.placements[0], slots: [4097] }] }, /slot 4097, which nobody owns/],
  ]
  for (const [value, says] of bad)
    assert.throws(
      () => decodeMapRecord(Buffer.from(JSON.stringify(value))),
      (error: Error) => error instanceof MapFormatError && says.test(error.message),
      String(says),
    )
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.uint8Array({ maxLength: 4 }), (at, some) => {
      try {
        decodeMapRecord(Buffer.concat([good.subarray(0, at), some]))
      } catch (error) {
        assert.ok(error instanceof MapFormatError)
      }
    }),
  )
})
