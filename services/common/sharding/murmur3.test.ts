import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sharding } from '../../../policies/sharding.ts'
import { murmur3 } from './murmur3.ts'
import { partitionOf, slotKey, slotOf } from './slot.ts'

const text = (s: string) => Buffer.from(s, 'utf8')

test('murmur3 agrees with published vectors', () => {
  const vectors: [string | Uint8Array, number, number][] = [
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    [Buffer.from([0xff, 0xff, 0xff, 0xff]), 0, 0x76293b50],
    [Buffer.from([0x21, 0x43, 0x65, 0x87]), 0, 0xf55b516b],
    [Buffer.from([0x21, 0x43, 0x65, 0x87]), 0x5082edee, 0x2362f9de],
    [Buffer.from([0x21, 0x43, 0x65]), 0, 0x7e4a8634],
    [Buffer.from([0x21, 0x43]), 0, 0xa0f7b07a],
    [Buffer.from([0x21]), 0, 0x72661cf4],
    [Buffer.from([0, 0, 0, 0]), 0, 0x2362f9de],
    [Buffer.from([0, 0, 0]), 0, 0x85f0b427],
    [Buffer.from([0, 0]), 0, 0x30f4c306],
    [Buffer.from([0]), 0, 0x514e28b7],
    ['aaaa', 0x9747b28c, 0x5a97808a],
    ['aaa', 0x9747b28c, 0x283e0130],
    ['abcd', 0x9747b28c, 0xf0478627],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['ππππππππ', 0x9747b28c, 0xd58063c1],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ]
  for (const [input, seed, expected] of vectors) assert.equal(murmur3(input, seed), expected, `${input} ${seed}`)
})

test('a string hashes as its UTF-8', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (s) => murmur3(s) === murmur3(text(s))))
})

test('slots of known tenants never move: data lies by them', () => {
  assert.deepEqual(['acme', 'globex'].map(slotOf), [murmur3('acme') % 4096, murmur3('globex') % 4096])
  assert.deepEqual(['acme', 'globex'].map(slotOf), [3280, 3162])
})

test('every tenant has one slot, every slot one partition', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 256 }), (tenant, partitions) => {
      const slot = slotOf(tenant)
      assert.ok(Number.isInteger(slot) && slot >= 0 && slot < sharding.slots)
      assert.equal(partitionOf(slot, partitions), slot % partitions)
      assert.equal(slotKey(slot).readUInt32BE(), slot)
    }),
  )
})
