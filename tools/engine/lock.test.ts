import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { isAlive, lock, ownerOf, ownerText, parseOwner } from './lock.ts'
import { temp } from './test/temp.ts'

test('the second waits for the first and is told who holds it', async (t) => {
  const file = join(temp(t), 'locks', 'x')
  const release = await lock(file)
  let holder = 0
  const second = lock(file, {
    poll: 1,
    onWait: (owner) => {
      holder = owner.pid
      release()
    },
  })
  ;(await second)()
  assert.equal(holder, process.pid)
  assert.deepEqual(readdirSync(dirname(file)), [])
})

test('one at a time, however many ask', async (t) => {
  const file = join(temp(t), 'x')
  let inside = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const release = await lock(file, { poll: 1 })
      assert.equal(++inside, 1)
      await Promise.resolve()
      inside--
      release()
    }),
  )
})

test('takes over from a dead process, and from one whose id is used again', async (t) => {
  const child = spawn('true')
  await once(child, 'exit')
  const folder = temp(t)
  for (const text of [`${child.pid} 1`, `${process.pid} 1`, 'not a lock']) {
    const file = join(folder, 'x')
    writeFileSync(file, text)
    const release = await lock(file, { poll: 1, onWait: () => assert.fail(`waits for '${text}'`) })
    assert.ok(existsSync(file))
    release()
    assert.deepEqual(readdirSync(folder), [])
  }
})

test('an abort ends the waiting', async (t) => {
  const file = join(temp(t), 'x')
  const release = await lock(file)
  const stop = new AbortController()
  await assert.rejects(lock(file, { signal: stop.signal, onWait: () => stop.abort() }), { code: 'INTERRUPTED' })
  release()
})

test('a lock that cannot be read says so', async (t) => {
  const file = join(temp(t), 'x')
  mkdirSync(file)
  await assert.rejects(lock(file), { code: 'LOCK_FILE', message: /Remove it by hand/ })
})

test('an owner is told by its id and its start', () => {
  const me = ownerOf(process.pid)
  assert.ok(isAlive(me))
  assert.deepEqual(parseOwner(ownerText(me)), me)
  assert.equal(isAlive({ pid: process.pid, started: '1' }), false)
  assert.equal(parseOwner(''), undefined)
})
