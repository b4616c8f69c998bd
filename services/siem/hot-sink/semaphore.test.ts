import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backOff } from './back-off.ts'
import { Semaphore } from './semaphore.ts'

test('so many at once, in order; who gives up leaves the queue', async () => {
  const places = new Semaphore(2)
  const gate = Promise.withResolvers<void>()
  const log: string[] = []
  const { signal } = new AbortController()
  const giveUp = new AbortController()
  const work = (name: string, by = signal) =>
    places.run(async () => {
      log.push(name)
      await gate.promise
    }, by)
  const all = [work('a'), work('b')]
  const given = work('c', giveUp.signal)
  all.push(work('d'))
  giveUp.abort(new Error('given up'))
  await assert.rejects(given, /given up/)
  await assert.rejects(work('e', giveUp.signal), /given up/)
  assert.deepEqual(log, ['a', 'b'])
  gate.resolve()
  await Promise.all(all)
  assert.deepEqual(log, ['a', 'b', 'd'])
  await Promise.all([
    work('f'),
    work('g'),
    assert.rejects(
      places.run(() => Promise.reject(new Error('x')), signal),
      /x/,
    ),
  ])
  await work('h')
})

test('pauses double up to the most, spread over their upper half', () => {
  const limits = { firstMs: 100, mostMs: 1_000 }
  assert.deepEqual(
    [0, 1, 2, 3, 4, 500].map((n) => backOff(n, limits, () => 0)),
    [50, 100, 200, 400, 500, 500],
  )
  assert.equal(
    backOff(9, limits, () => 1),
    1_000,
  )
})
