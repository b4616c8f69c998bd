import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { InferenceError } from '../errors.ts'
import { Batcher, type BatcherOptions, type BatchItem } from './batcher.ts'
import { Cost } from './cost.ts'

interface Item extends BatchItem {
  readonly id: number
}

/** A model on a clock of its own: an execution takes `perRunMs` and `perRowMs` for each row. */
class World {
  time = 0
  readonly batches: { readonly at: number; readonly ids: number[]; readonly rows: number }[] = []
  readonly refused: { readonly id: number; readonly code: string }[] = []
  readonly answered = new Map<number, number>()
  readonly #events: { readonly at: number; readonly order: number; readonly act: () => void }[] = []
  readonly batcher: Batcher<Item>
  #order = 0
  #id = 0

  constructor(options: Partial<BatcherOptions<Item>> & { perRunMs?: number; perRowMs?: number } = {}) {
    const { perRunMs = 1, perRowMs = 0.1, ...more } = options
    const cost = new Cost()
    for (const rows of [1, 8, 64]) cost.observe(rows, perRunMs + perRowMs * rows)
    this.batcher = new Batcher<Item>({
      maxBatch: 8,
      maxDelayMs: 0,
      maxQueue: 1_000,
      budgetMs: 1_000,
      streams: 1,
      cost,
      run: (batch) => {
        const rows = batch.reduce((sum, item) => sum + item.rows, 0)
        this.batches.push({ at: this.time, ids: batch.map(({ id }) => id), rows })
        return new Promise((resolve) =>
          this.at(perRunMs + perRowMs * rows, () => {
            for (const { id } of batch) this.answered.set(id, this.time)
            resolve()
          }),
        )
      },
      now: () => this.time,
      soon: (callback) => this.at(0, callback),
      later: (callback, ms) => {
        let forgotten = false
        this.at(ms, () => forgotten || callback())
        return () => {
          forgotten = true
        }
      },
      ...more,
    })
  }

  at(inMs: number, act: () => void): void {
    this.#events.push({ at: this.time + inMs, order: this.#order++, act })
  }

  send(more: Partial<Item> = {}): { readonly id: number; readonly cancel: () => void } {
    const id = this.#id++
    const refuse = ({ code }: InferenceError) => void this.refused.push({ id, code })
    const item = { id, rows: 1, key: 'k', deadlineAt: Number.POSITIVE_INFINITY, fail: refuse, ...more }
    try {
      return { id, cancel: this.batcher.submit(item) }
    } catch (error) {
      refuse(error as InferenceError)
      return { id, cancel: () => {} }
    }
  }

  /** Until nothing is left to happen. */
  async end(): Promise<void> {
    while (this.#events.length > 0) {
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order)
      const { at, act } = this.#events.shift()!
      this.time = Math.max(this.time, at)
      act()
      // What a settled execution starts, it starts now.
      for (let i = 0; i < 4; i++) await Promise.resolve()
    }
  }
}

test('a request that finds the model idle waits for nobody', async () => {
  const world = new World({ maxDelayMs: 50 })
  world.send()
  await world.end()
  assert.deepEqual(world.batches, [{ at: 0, ids: [0], rows: 1 }])
})

test('what arrives together, and what gathers while the model works, shares an execution', async () => {
  const world = new World()
  world.send()
  world.send()
  world.at(0.5, () => world.send())
  world.at(0.6, () => world.send())
  await world.end()
  assert.deepEqual(
    world.batches.map(({ ids }) => ids),
    [
      [0, 1],
      [2, 3],
    ],
  )
})

test('with a delay, a batch that is not full waits for others after work, and not longer', async () => {
  const world = new World({ maxDelayMs: 5, perRunMs: 1, perRowMs: 0 })
  world.send()
  world.at(0.5, () => world.send())
  world.at(3, () => world.send())
  await world.end()
  assert.deepEqual(world.batches[1], { at: 5.5, ids: [1, 2], rows: 2 })
  const full = new World({ maxDelayMs: 500, perRunMs: 1, perRowMs: 0 })
  full.send()
  full.at(0.5, () => full.send({ rows: 8 }))
  await full.end()
  assert.equal(full.batches[1]?.at, 1)
})

test('a queue that is full, a wait beyond the budget and a deadline too near are refused at once', async () => {
  const world = new World({ maxQueue: 16, budgetMs: 100, perRunMs: 10, perRowMs: 0 })
  for (let i = 0; i < 3; i++) world.send({ rows: 8 })
  assert.deepEqual(world.refused, [{ id: 2, code: 'QUEUE_FULL' }])
  world.at(1, () => {
    world.send({ rows: 1, deadlineAt: 15 })
    world.send({ rows: 9 })
  })
  await world.end()
  assert.deepEqual(world.refused.slice(1), [
    { id: 3, code: 'DEADLINE' },
    { id: 4, code: 'INVALID' },
  ])
  const slow = new World({ budgetMs: 25, perRunMs: 10, perRowMs: 0 })
  for (let i = 0; i < 4; i++) slow.send({ rows: 8 })
  assert.deepEqual(
    slow.refused.map(({ code }) => code),
    ['OVERLOADED', 'OVERLOADED'],
  )
})

test('who went away is not executed, and who waited too long is told so', async () => {
  const world = new World({ perRunMs: 10, perRowMs: 0 })
  world.send({ rows: 8 })
  world.at(1, () => {
    const { cancel } = world.send()
    world.send({ rows: 1, deadlineAt: 22 })
    world.send()
    cancel()
    cancel()
    assert.equal(world.batcher.queuedRows, 2)
  })
  await world.end()
  assert.deepEqual(world.batches[1]?.ids, [2, 3])
  const late = new World({ perRunMs: 10, perRowMs: 0, lagMs: () => -100 })
  late.send({ rows: 8 })
  late.at(1, () => {
    late.send({ deadlineAt: 5 })
    late.send()
  })
  await late.end()
  assert.deepEqual(late.refused, [{ id: 1, code: 'DEADLINE' }])
  assert.deepEqual(late.batches[1]?.ids, [2])
})

test('closing answers all that wait and takes no more', async () => {
  const world = new World()
  world.send()
  let closed = false
  void world.batcher.close().then(() => {
    closed = true
    assert.equal(world.answered.size, 1)
  })
  world.send()
  assert.deepEqual(world.refused, [{ id: 1, code: 'NOT_READY' }])
  await world.end()
  assert.ok(closed)
  await world.batcher.close()
})

const arrivals = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 60 }),
    rows: fc.integer({ min: 1, max: 8 }),
    key: fc.constantFrom('a', 'b'),
    cancelAfter: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    patience: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  }),
  { maxLength: 60 },
)

test('the laws of batching hold for any arrivals', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.constantFrom(0, 3), fc.constantFrom(1, 2), async (all, maxDelayMs, streams) => {
      const world = new World({ maxDelayMs, streams, maxQueue: 40, budgetMs: 60 })
      const sent = new Map<number, { rows: number; key: string }>()
      const cancelled = new Set<number>()
      for (const { at, rows, key, cancelAfter, patience } of all)
        world.at(at, () => {
          const deadlineAt = patience === undefined ? Number.POSITIVE_INFINITY : world.time + patience
          const { id, cancel } = world.send({ rows, key, deadlineAt })
          sent.set(id, { rows, key })
          if (cancelAfter === undefined) return
          world.at(cancelAfter, () => {
            cancel()
            cancelled.add(id)
          })
        })
      await world.end()
      const executed = world.batches.flatMap(({ ids }) => ids)
      const refused = world.refused.map(({ id }) => id)
      // Each request is executed once or refused once, never both, and only who went away may get nothing.
      assert.equal(new Set([...executed, ...refused]).size, executed.length + refused.length)
      for (const id of sent.keys())
        assert.ok(executed.includes(id) || refused.includes(id) || cancelled.has(id), `${id} got nothing`)
      // In the order of arrival.
      assert.deepEqual(
        executed,
        executed.toSorted((a, b) => a - b),
      )
      for (const { ids, rows } of world.batches) {
        assert.ok(rows <= 8)
        assert.equal(
          rows,
          ids.reduce((sum, id) => sum + sent.get(id)!.rows, 0),
        )
        assert.equal(new Set(ids.map((id) => sent.get(id)!.key)).size, 1)
      }
      assert.equal(world.batcher.queuedRows, 0)
      assert.equal(world.batcher.pending, 0)
    }),
  )
})

test('an answer comes within the budget when the model is as fast as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), async (times) => {
      const world = new World({ budgetMs: 20, perRunMs: 2, perRowMs: 0.5 })
      const started = new Map<number, number>()
      for (const at of times) world.at(at, () => started.set(world.send().id, at))
      await world.end()
      for (const [id, at] of world.answered) assert.ok(at - started.get(id)! <= 20 + 1e-6)
    }),
  )
})

test('the cost of an execution is learnt from what was seen, and follows a change', () => {
  const cost = new Cost()
  assert.equal(cost.estimate(10), 0)
  cost.observe(1, 2)
  assert.equal(cost.estimate(1), 2)
  assert.equal(cost.estimate(4), 8)
  for (const rows of [1, 16, 64]) for (let i = 0; i < 10; i++) cost.observe(rows, 3 + rows / 4)
  assert.ok(Math.abs(cost.estimate(32) - 11) < 1)
  for (let i = 0; i < 400; i++) cost.observe(1 + (i % 64), 30)
  assert.ok(Math.abs(cost.estimate(32) - 30) < 1)
})
