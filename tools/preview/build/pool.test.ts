import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool } from './pool.ts'

test('a worker has one task at a time, a second one takes what waits, and a failed task gives its worker back', async () => {
  const pool = new Pool<string>()
  const busy = new Map<string, number>()
  let most = 0
  const task = (fails: boolean) =>
    pool.run(async (worker) => {
      busy.set(worker, (busy.get(worker) ?? 0) + 1)
      most = Math.max(most, busy.get(worker) ?? 0)
      await new Promise((resolve) => setImmediate(resolve))
      busy.set(worker, (busy.get(worker) ?? 0) - 1)
      if (fails) throw new Error('on purpose')
      return worker
    })
  const all = Promise.allSettled([false, true, false, false, true, false].map(task))
  pool.join('a')
  pool.join('b')
  const ended = await all
  assert.equal(most, 1)
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual([...busy.keys()].sort(), ['a', 'b'])
})
