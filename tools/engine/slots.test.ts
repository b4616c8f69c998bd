import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slots } from './slots.ts'

const slots = () => new Slots({ job: 2, compile: 1, modules: 1, apt: 1 })

test('no more at once than there are places, in the order of asking', async () => {
  const pool = slots()
  const order: number[] = []
  let now = 0
  let most = 0
  await Promise.all(
    [0, 1, 2, 3, 4].map((i) =>
      pool.use('job', undefined, async () => {
        order.push(i)
        most = Math.max(most, ++now)
        await new Promise(setImmediate)
        now--
      }),
    ),
  )
  assert.equal(most, 2)
  assert.deepEqual(order, [0, 1, 2, 3, 4])
})

test('a failure gives its place back; an abort leaves the queue', async () => {
  const pool = slots()
  const stop = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = pool.use('apt', undefined, () => promise)
  const second = pool.use('apt', stop.signal, async () => assert.fail('ran after the abort'))
  stop.abort()
  await assert.rejects(second, { code: 'INTERRUPTED' })
  resolve()
  await first
  await assert.rejects(
    pool.use('apt', undefined, async () => {
      throw new Error('no')
    }),
    /no/,
  )
  assert.equal(await pool.use('apt', undefined, async () => 'free'), 'free')
})
