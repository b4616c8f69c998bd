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
  const all = ['a', 'b', 'a', 'b'].map((tenant) => gate.pass(tenant, stay, work))
  await settled()
  assert.deepEqual([gate.running, gate.waiting, running.length], [2, 2, 2])
  await assert.rejects(gate.pass('a', stay, work), { status: 503, code: 'BUSY', headers: { 'retry-after': '30' } })
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
  const first = gate.pass('a', stay, work)
  await assert.rejects(gate.pass('a', stay, work), { code: 'BUSY' })
  const abort = new AbortController()
  const leaving = gate.pass('a', abort.signal, work)
  abort.abort(new Error('gone'))
  await assert.rejects(leaving, /gone/)
  await assert.rejects(gate.pass('a', AbortSignal.abort(new Error('never came')), work), /never came/)
  assert.equal(gate.waiting, 0)
  running[0]!()
  await first
  assert.deepEqual([gate.running, gate.waiting, running.length], [0, 0, 1])
})

test('a place is neither lost nor given twice, whoever fails or leaves', async () => {
  const step = fc.constantFrom('enter', 'end', 'fail', 'leave', 'leave and end')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const gate = new Gate({ maxRunning: 3, maxWaiting: 3, waitMs: 60_000 })
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
          const pass = gate.pass(`tenant ${callers.length % 3}`, caller.signal, async () => {
            assert.ok(++now <= 3)
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
      assert.deepEqual([gate.running, gate.waiting, gate.tenants], [0, 0, 0])
    }),
  )
  await delay(0)
})

/** Runs questions of some tenants, each of a cost, until all are answered; answers who came when. */
async function served(
  options: { maxRunning: number; maxWaiting: number },
  questions: readonly (readonly [string, number])[],
) {
  let now = 0
  const gate = new Gate({ ...options, waitMs: 60_000, now: () => now })
  const order: { tenant: string; at: number }[] = []
  const open: { end: number; done: () => void }[] = []
  const all = questions.map(([tenant, cost]) =>
    gate
      .pass(tenant, stay, async () => {
        order.push({ tenant, at: now })
        await new Promise<void>((done) => open.push({ end: now + cost, done }))
      })
      .catch((error: { code: string }) => order.push({ tenant: `${tenant} ${error.code}`, at: now })),
  )
  await settled()
  while (open.length > 0) {
    open.sort((a, b) => a.end - b.end)
    const next = open.shift()!
    now = next.end
    next.done()
    await settled()
  }
  await Promise.all(all)
  return order
}

test('a tenant with few questions does not wait behind one with many', async () => {
  const many = Array.from({ length: 20 }, () => ['greedy', 100] as const)
  const order = await served({ maxRunning: 2, maxWaiting: 64 }, [...many, ['small', 10], ['small', 10]])
  const small = order.filter(({ tenant }) => tenant === 'small').map(({ at }) => at)
  // One place is never the greedy one's.
  assert.deepEqual(small, [0, 10])
})

test('places go by the time that a tenant has had, not by the number of its questions', async () => {
  const questions = [
    ...Array.from({ length: 12 }, () => ['heavy', 90] as const),
    ...Array.from({ length: 36 }, () => ['light', 30] as const),
  ]
  const order = await served({ maxRunning: 2, maxWaiting: 64 }, questions)
  const half = order.filter(({ at }) => at < 500)
  const cost = { heavy: 90, light: 30 } as Record<string, number>
  const had = (name: string) => half.filter(({ tenant }) => tenant === name).length * cost[name]!
  assert.ok(Math.abs(had('heavy') - had('light')) <= 180, `${had('heavy')} and ${had('light')}`)
})

test('a full queue takes one more from a tenant with a short line, and drops the last of the longest', async () => {
  const order = await served({ maxRunning: 1, maxWaiting: 3 }, [
    ...Array.from({ length: 5 }, () => ['greedy', 10] as const),
    ['small', 10],
  ])
  assert.deepEqual(
    order.map(({ tenant }) => tenant),
    ['greedy', 'greedy BUSY', 'greedy BUSY', 'small', 'greedy', 'greedy'],
  )
})
