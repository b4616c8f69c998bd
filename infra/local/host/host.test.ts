import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { withLock } from '../lock.ts'
import { parseHierarchies } from './cgroups.ts'
import { parseRoutes } from './network.ts'
import { identify, isAlive, parseStat } from './tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-host-'))
after(() => rmSync(folder, { recursive: true }))

test('every route but a default one takes its network, and says by what', () => {
  const text = `default via 192.0.2.1 dev eth0
10.180.0.0/24 dev nd-a proto kernel scope link src 10.180.0.2
unreachable 10.180.0.0/16 metric 4242
local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1
10/8 via 192.0.2.9 dev tun0
0.0.0.0/0 dev x
`
  assert.deepEqual(parseRoutes(text), [
    { cidr: '10.180.0.0/24', holder: 'link nd-a' },
    { cidr: '10.180.0.0/16', holder: "route 'unreachable 10.180.0.0/16 metric 4242'" },
    { cidr: '127.0.0.1', holder: 'link lo' },
    { cidr: '10/8', holder: 'link tun0' },
  ])
})

test('control-group hierarchies of both versions are found', () => {
  const text = `31 24 0:27 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
32 24 0:28 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
33 24 8:1 / /data rw - ext4 /dev/vda rw`
  assert.deepEqual(parseHierarchies(text), [
    { mount: '/sys/fs/cgroup/cpu', version: 1 },
    { mount: '/sys/fs/cgroup/unified', version: 2 },
  ])
})

test('a process is known by its start, whatever its name', () => {
  const fields = ['S', '17', ...Array.from({ length: 17 }, () => '0'), '4711', '0']
  assert.deepEqual(parseStat(`42 (a) b (c)) ${fields.join(' ')}`), { state: 'S', parent: 17, started: '4711' })
  const self = identify(process.pid)!
  assert.ok(isAlive(self))
  assert.ok(!isAlive({ ...self, started: '1' }), 'another process with the same number')
})

test('a lock of a dead process is taken over, one of a living process is waited for in vain', async () => {
  const lock = join(folder, 'lock')
  writeFileSync(lock, JSON.stringify({ pid: process.pid, started: '1' }))
  assert.equal(await withLock(lock, 0, async () => readFileSync(lock, 'utf8')), JSON.stringify(identify(process.pid)))
  writeFileSync(lock, JSON.stringify(identify(process.pid)))
  await assert.rejects(
    withLock(lock, 0, async () => 1),
    { code: 'BUSY', retryable: true },
  )
})
