import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WorkQueue } from './queue.ts'
import { FakeClock, settle } from './testing/fake-clock.ts'

const limits = { baseMs: 100, capMs: 1_000 }

test('a key is never worked on twice at once, and whatever was added is worked on after it was added', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3), fc.boolean()), { maxLength: 30 }),
      async (adds) => {
        const clock = new FakeClock()
        const added = new Map<string, number>()
        const seen = new Map<string, number>()
        const busy = new Set<string>()
        let sequence = 0
        let most = 0
        const failing = new Set<string>(adds.filter(([, , fails]) => fails).map(([key]) => key))
        const queue = new WorkQueue({
          clock,
          workers: 2,
          backoff: limits,
          random: () => 0.5,
          work: async (key) => {
            assert.ok(!busy.has(key), 'twice at once')
            busy.add(key)
            most = Math.max(most, busy.size)
            const at = sequence
            await new Promise((resolve) => setImmediate(resolve))
            busy.delete(key)
            if (failing.delete(key)) throw new Error('once')
            seen.set(key, at)
            return undefined
          },
        })
        for (const [key, turns] of adds) {
          added.set(key, ++sequence)
          queue.add(key)
          await settle(turns)
        }
        await clock.tick(10_000)
        await queue.idle()
        for (const [key, at] of added) assert.ok((seen.get(key) ?? -1) >= at, `${key} was added and not worked on`)
        assert.ok(most <= 2)
      },
    ),
    { numRuns: 50 },
  )
})

test('one that fails waits twice as long each time, up to the cap; changes around it do not hurry it, success forgets it', async () => {
  const clock = new FakeClock()
  const runs: number[] = []
  let fails = true
  const queue = new WorkQueue({
    clock,
    workers: 1,
    backoff: limits,
    random: () => 1,
    work: async () => {
      runs.push(clock.now())
      if (fails) throw new Error('no')
      return undefined
    },
  })
  queue.add('a')
  for (let i = 0; i < 40; i++) {
    await clock.tick(100)
    queue.add('a')
  }
  const pauses = runs.slice(1).map((at, i) => at - (runs[i] ?? 0))
  assert.deepEqual(pauses.slice(0, 6), [100, 200, 400, 800, 1_000, 1_000])
  fails = false
  await clock.tick(2_000)
  const before = runs.length
  queue.add('a')
  await settle()
  assert.equal(runs.length, before + 1, 'what succeeded is worked on at once again')
})

test('one that asks for more is worked on again after its time, and a stop ends that', async () => {
  const clock = new FakeClock()
  let runs = 0
  const queue = new WorkQueue({
    clock,
    workers: 1,
    backoff: limits,
    work: async () => {
      runs++
      return { again: 500 }
    },
  })
  queue.add('a')
  await clock.tick(1_000)
  assert.equal(runs, 3)
  await queue.stop()
  await clock.tick(10_000)
  assert.equal(runs, 3)
})
