import assert from 'node:assert/strict'
import { test } from 'node:test'
import { part, readCpu, usedBetween } from './cpu.ts'

test('a process belongs to the service that its environment names, else to its program', () => {
  assert.equal(part(['/usr/bin/node', '/app/main.mjs'], 'A=1\0ND_SERVICE=hot-sink\0B=2'), 'hot-sink')
  assert.equal(part(['/usr/lib/jvm/bin/java', '-Xmx1g', 'kafka.Kafka', 'x.properties'], ''), 'kafka')
  assert.equal(part(['/cache/etcd', '--data-dir=/x'], ''), 'etcd')
})

test('only the tree below the root is counted', () => {
  assert.ok((readCpu(process.pid).get(process.pid)?.seconds ?? 0) > 0)
  assert.equal(readCpu(2 ** 30).size, 0)
})

test('a process that ends between two looks takes nothing away from its part', () => {
  const before = new Map([
    [1, { part: 'hot-sink', seconds: 9 }],
    [2, { part: 'kafka', seconds: 5 }],
  ])
  const after = new Map([
    [2, { part: 'kafka', seconds: 6.5 }],
    [3, { part: 'hot-sink', seconds: 2 }],
  ])
  assert.deepEqual(usedBetween(before, after), { kafka: 1.5, 'hot-sink': 2 })
})
