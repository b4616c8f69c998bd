import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { dropsIn, kernelDrops } from './kernel-drops.ts'

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
  124: 00000000:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 3
  125: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 99
`

test('drops of a port are summed over its sockets and families; a missing table counts nothing', () => {
  assert.equal(dropsIn(table, 5514), 20)
  assert.equal(dropsIn(table, 53), 99)
  assert.equal(dropsIn(table, 54), 0)
  const dir = mkdtempSync(join(tmpdir(), 'nd-proc-'))
  assert.equal(kernelDrops(5514, dir), 0)
  writeFileSync(join(dir, 'udp'), table)
  writeFileSync(join(dir, 'udp6'), table)
  assert.equal(kernelDrops(5514, dir), 40)
  rmSync(dir, { recursive: true })
})
