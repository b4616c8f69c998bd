import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuSeconds, part } from './cpu.ts'

test('a process belongs to the service that its environment names, else to its program', () => {
  assert.equal(part(['/usr/bin/node', '/app/main.mjs'], 'A=1\0ND_SERVICE=hot-sink\0B=2'), 'hot-sink')
  assert.equal(part(['/usr/lib/jvm/bin/java', '-Xmx1g', 'kafka.Kafka', 'x.properties'], ''), 'kafka')
  assert.equal(part(['/cache/etcd', '--data-dir=/x'], ''), 'etcd')
})

test('only the tree below the root is counted', () => {
  assert.ok((cpuSeconds(process.pid).node ?? 0) > 0)
  assert.deepEqual(cpuSeconds(2 ** 30), {})
})
