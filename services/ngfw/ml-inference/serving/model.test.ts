import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InferenceError } from '../errors.ts'
import type { InferRequest } from '../request.ts'
import { FakeEngine, modelOf } from '../testing/fake-engine.ts'

const request = (rows: readonly (readonly [number, number])[], more: Partial<InferRequest> = {}): InferRequest => ({
  id: undefined,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [rows.length, 2], data: Float32Array.from(rows.flat()) }],
  outputs: [],
  deadlineAt: Number.POSITIVE_INFINITY,
  ...more,
})
const refused =
  (code: string, text = /./) =>
  (error: unknown) =>
    error instanceof InferenceError && error.code === code && text.test(error.message)

test('each of many requests gets exactly its own rows and its own outputs', async () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999 }))
  const asked = fc.record({
    rows: fc.array(row, { minLength: 1, maxLength: 8 }),
    outputs: fc.constantFrom<readonly string[]>([], ['sum'], ['sum', 'double']),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 12 }), async (all) => {
      const engine = new FakeEngine()
      const model = modelOf(engine)
      const answers = await Promise.all(all.map(({ rows, outputs }) => model.infer(request(rows, { outputs }))))
      answers.forEach(({ outputs }, i) => {
        const { rows, outputs: wanted } = all[i]!
        const names = wanted.length > 0 ? wanted : ['double', 'sum']
        assert.deepEqual(
          outputs.map(({ name }) => name),
          names,
        )
        for (const { name, shape, data } of outputs)
          if (name === 'sum') assert.deepEqual([[...data], shape], [rows.map(([a, b]) => a + b), [rows.length]])
          else assert.deepEqual([[...data], shape], [rows.flat().map((n) => 2 * n), [rows.length, 2]])
      })
      assert.ok(engine.rows.every((rows) => rows <= 8))
      assert.equal(
        model.stats.inferences,
        all.reduce((sum, { rows }) => sum + rows.length, 0),
      )
      assert.equal(model.stats.executions, engine.rows.length)
      assert.equal(model.stats.outcomes.get('ok'), all.length)
    }),
    { numRuns: 50 },
  )
})

test('requests that come together share an execution', async () => {
  const engine = new FakeEngine()
  const model = modelOf(engine)
  await Promise.all([1, 2, 3].map((n) => model.infer(request([[n, n]]))))
  assert.deepEqual(engine.rows, [3])
})

test('a request that the model cannot stomach fails alone', async () => {
  const model = modelOf(new FakeEngine())
  const [good, bad, alsoGood] = await Promise.allSettled([1, -1, 2].map((n) => model.infer(request([[n, n]]))))
  assert.equal(good!.status, 'fulfilled')
  assert.equal(alsoGood!.status, 'fulfilled')
  assert.ok(bad?.status === 'rejected' && refused('INTERNAL', /The model failed: index out of bounds/)(bad.reason))
  assert.deepEqual(
    [...model.stats.outcomes],
    [
      ['ok', 2],
      ['internal', 1],
    ],
  )
})

test('an output without a row for each input row is not handed out in parts', async () => {
  class Odd extends FakeEngine {
    override async run(...args: Parameters<FakeEngine['run']>) {
      const values = await super.run(...args)
      return { ...values, sum: { ...values.sum!, shape: [1], data: new Float64Array(1) } }
    }
  }
  const model = modelOf(new Odd())
  const answers = await Promise.all(
    [1, 2].map((n) =>
      model.infer(
        request([
          [n, n],
          [n, n],
        ]),
      ),
    ),
  )
  // Each alone instead.
  for (const { outputs } of answers) assert.deepEqual(outputs[0]!.shape, [2, 2])
})

test('what is not as the model wants it is refused with a sentence', async () => {
  const model = modelOf(new FakeEngine())
  const data = new Float32Array(2)
  const input = { name: 'x', datatype: 'FP32', shape: [1, 2], data } as const
  const cases: [Partial<InferRequest>, RegExp][] = [
    [{ inputs: [] }, /The input 'x' is there 0 times/],
    [{ inputs: [input, input] }, /The input 'x' is there 2 times/],
    [{ inputs: [input, { ...input, name: 'y' }] }, /The model has no input 'y'\. It has: x\./],
    [{ inputs: [{ ...input, datatype: 'FP64' }] }, /is FP64; the model takes FP32/],
    [{ inputs: [{ ...input, shape: [2] }] }, /has the shape \[2\]; the model takes \[-1, 2\]/],
    [{ inputs: [{ ...input, shape: [1, 3] }] }, /has the shape \[1, 3\]/],
    [{ inputs: [{ ...input, shape: [0, 2], data: new Float32Array(0) }] }, /must be at least 1/],
    [{ inputs: [{ ...input, shape: [9, 2], data: new Float32Array(18) }] }, /9 rows; this model takes at most 8/],
    [{ outputs: ['z'] }, /no output 'z'\. It has: double, sum\./],
    [{ outputs: ['sum', 'sum'] }, /wanted twice/],
  ]
  for (const [more, text] of cases) await assert.rejects(model.infer(request([[1, 1]], more)), refused('INVALID', text))
})

test('a caller that goes away while it waits is not executed', async () => {
  const engine = new FakeEngine()
  const model = modelOf(engine)
  engine.hold()
  const first = model.infer(request([[1, 1]]))
  while (engine.rows.length === 0) await new Promise(setImmediate)
  const abort = new AbortController()
  const second = model.infer(request([[2, 2]]), abort.signal)
  abort.abort()
  await assert.rejects(second, refused('CANCELLED'))
  engine.release()
  await first
  assert.deepEqual(engine.rows, [1])
  await assert.rejects(model.infer(request([[1, 1]]), AbortSignal.abort()), refused('CANCELLED'))
})

test('closing answers what is there, then frees the engine', async () => {
  const engine = new FakeEngine()
  const model = modelOf(engine)
  const answer = model.infer(request([[1, 2]]))
  const closed = model.close()
  await assert.rejects(model.infer(request([[1, 2]])), refused('NOT_READY'))
  assert.equal((await answer).outputs.length, 2)
  await closed
  assert.ok(engine.closed)
})

test('a model without a free first dimension executes each request alone', async () => {
  const engine = new FakeEngine({ inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2] }] })
  const model = modelOf(engine)
  const two: [number, number][] = [
    [1, 2],
    [3, 4],
  ]
  await Promise.all([model.infer(request(two)), model.infer(request(two))])
  assert.deepEqual(engine.rows, [2, 2])
})
