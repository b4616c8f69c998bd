import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { Gate } from './gate.ts'

const stay = new AbortController().signal
let running: (() => void)[] = []
const work = () => new Promise<void>((resolve) => running.push(resolve))
const settled = () => new Promise((resolve) => setImmediate(resolve))
beforeEach(() => {
  running = []
})

test('so many run, so many wait, the next is refused; places pass on in order', async () => {
  const gate = new Gate({ maxRunning: 2, maxWaiting: 2, waitMs: 60_000 })
  const all = [1, 2, 3, 4].map(() => gate.pass(stay, work))
  await settled()
  assert.deepEqual([gate.running, gate.waiting, running.length], [2, 2, 2])
  await assert.rejects(gate.pass(stay, work), { status: 503, code: 'BUSY', headers: { 'retry-after': '30' } })
  running[0]!()
  await settled()
  assert.deepEqual([gate.running, gate.waiting, running.length], [2, 1, 3])
  for (const end of running) end()
  await settled()
  for (const end of running) end()
  await Promise.all(all)
  assert.deepEqual([gate.running, gate.waiting], [0, 0])
})

test('who waits too long, or leaves, makes room in the queue', async () => {
  const gate = new Gate({ maxRunning: 1, maxWaiting: 1, waitMs: 30 })
  const first = gate.pass(stay, work)
  await assert.rejects(gate.pass(stay, work), { code: 'BUSY' })
  const abort = new AbortController()
  const leaving = gate.pass(abort.signal, work)
  abort.abort(new Error('gone'))
  await assert.rejects(leaving, /gone/)
  await assert.rejects(gate.pass(AbortSignal.abort(new Error('never came')), work), /never came/)
  assert.equal(gate.waiting, 0)
  running[0]!()
  await first
  assert.deepEqual([gate.running, gate.waiting, running.length], [0, 0, 1])
})

test('a place is neither lost nor given twice, whoever fails or leaves', async () => {
  const step = fc.constantFrom('enter', 'end', 'fail', 'leave', 'leave and end')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const gate = new Gate({ maxRunning: 2, maxWaiting: 3, waitMs: 60_000 })
      const inside: PromiseWithResolvers<void>[] = []
      const callers: AbortController[] = []
      let now = 0
      const all: Promise<unknown>[] = []
      const end = (fails: boolean) => {
        const one = inside.shift()
        fails ? one?.reject(new Error('failed')) : one?.resolve()
      }
      for (const what of steps) {
        if (what === 'enter') {
          const caller = new AbortController()
          callers.push(caller)
          const pass = gate.pass(caller.signal, async () => {
            assert.ok(++now <= 2)
            const one = Promise.withResolvers<void>()
            inside.push(one)
            await one.promise.finally(() => now--)
          })
          all.push(pass.catch(() => {}))
        } else if (what === 'leave') callers.pop()?.abort()
        else if (what === 'leave and end') {
          end(false)
          callers.pop()?.abort()
        } else end(what === 'fail')
        await settled()
        assert.equal(gate.running, now)
      }
      while (inside.length > 0) {
        end(false)
        await settled()
      }
      await Promise.all(all)
      assert.deepEqual([gate.running, gate.waiting], [0, 0])
    }),
  )
  await delay(0)
})
