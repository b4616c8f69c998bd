import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isStale, locks } from './lock.ts'

const lock = { pid: 1, username: 'root', hostname: hostname(), timestamp: '2026-01-01T00:00:00Z' }

test('the locks of a stack are read from a file backend', () => {
  const backend = mkdtempSync(join(tmpdir(), 'nd-lock-'))
  try {
    assert.deepEqual(locks(backend, 'p', 's'), [])
    const folder = join(backend, '.pulumi', 'locks', 'organization', 'p', 's')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'a.json'), JSON.stringify(lock))
    assert.deepEqual(locks(backend, 'p', 's'), [lock])
  } finally {
    rmSync(backend, { recursive: true })
  }
})

test('a lock is stale when its process has ended, and only on the machine that can know', () => {
  assert.equal(
    isStale(lock, () => false),
    true,
  )
  assert.equal(
    isStale(lock, () => true),
    false,
  )
  assert.equal(
    isStale({ ...lock, hostname: 'elsewhere' }, () => false),
    false,
  )
  assert.equal(isStale({ ...lock, pid: process.pid }), true, 'a process that is no engine')
})
