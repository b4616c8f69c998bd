import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NetworkTable, overlapping, parseAddress, parseNetwork } from './networks.ts'

test('addresses of both families are numbers of one', () => {
  assert.equal(parseAddress('1.2.3.4'), 0xffff_0102_0304n)
  assert.equal(parseAddress('::ffff:1.2.3.4'), 0xffff_0102_0304n)
  assert.equal(parseAddress('::1'), 1n)
  assert.equal(parseAddress('fe80::1%eth0'), (0xfe80n << 112n) | 1n)
  assert.equal(parseAddress('2001:db8:0:0:0:0:0:7'), parseAddress('2001:db8::7'))
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'host', ':::', '1.2.3.4/32'])
    assert.equal(parseAddress(text), undefined, text)
})

test('networks', () => {
  const size = (text: string) => {
    const network = parseNetwork(text)
    return network && network.last - network.first + 1n
  }
  assert.equal(size('10.0.0.0/8'), 1n << 24n)
  assert.equal(size('10.0.0.7'), 1n)
  assert.equal(size('0.0.0.0/0'), 1n << 32n)
  assert.equal(size('2001:db8::/32'), 1n << 96n)
  assert.equal(size('::/0'), 1n << 128n)
  for (const text of [
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'x/8',
    '2001:db8::1/32',
    'fe80::1%eth0',
  ])
    assert.equal(size(text), undefined, text)
})

test('networks that share addresses are found', () => {
  const pairs = (...texts: string[]) =>
    overlapping(texts.map((text) => parseNetwork(text)!)).map((pair) => pair.map(({ text }) => text))
  assert.deepEqual(pairs('10.0.0.0/8', '11.0.0.0/8', '2001:db8::/32'), [])
  assert.deepEqual(pairs('10.1.0.0/16', '10.0.0.0/8'), [['10.0.0.0/8', '10.1.0.0/16']])
  assert.deepEqual(pairs('10.0.0.0/8', '10.0.0.1', '10.0.0.2', '11.0.0.0/8').length, 2)
  assert.deepEqual(pairs('::/0', '10.0.0.0/8').length, 1)
})

test('law: a table finds exactly the network that holds an address', () => {
  const block = fc.tuple(fc.nat(255), fc.integer({ min: 9, max: 32 }))
  fc.assert(
    fc.property(fc.uniqueArray(block, { selector: ([a]) => a, maxLength: 20 }), fc.ipV4(), (blocks, address) => {
      const networks = blocks.map(([a, prefix]) => ({ network: parseNetwork(`${a}.0.0.0/${prefix}`)!, value: a }))
      const number = parseAddress(address)!
      const expected = networks.find(({ network }) => network.first <= number && number <= network.last)?.value
      const table = new NetworkTable(networks)
      assert.equal(table.find(address), expected)
      assert.equal(table.find(`::ffff:${address}`), expected)
    }),
  )
})
