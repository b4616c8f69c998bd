import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echoModel, failingModel, slowModel } from './models.ts'
import { InferenceSession, Tensor } from './onnxruntime.ts'

const features = 5
const flows = (...values: readonly number[]) => ({
  flows: new Tensor('float32', Float32Array.from(values), [values.length / features, features]),
})

test('an echo gives back what it is given, texts too', async () => {
  const numbers = await InferenceSession.create(echoModel('INT64', 2))
  const { output } = await numbers.run({ input: new Tensor('int64', [1n, -2n, 3n, 4n], [2, 2]) })
  assert.deepEqual(
    [output?.dims, [...(output!.data as BigInt64Array)]],
    [
      [2, 2],
      [1n, -2n, 3n, 4n],
    ],
  )
  const texts = await InferenceSession.create(echoModel('BYTES', 1))
  const echoed = await texts.run({ input: new Tensor('string', ['ä', ''], [2, 1]) })
  assert.deepEqual([...(echoed.output!.data as unknown as string[])], ['ä', ''])
})

test('the failing model answers zeros and fails on flows', async () => {
  const session = await InferenceSession.create(failingModel(features), { logSeverityLevel: 4 })
  const { label, probabilities } = await session.run(flows(0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  assert.deepEqual([label?.dims, probabilities?.dims], [[2], [2, 2]])
  await assert.rejects(session.run(flows(0, 0, 0, 0, 0, 1, 0, 0, 0, 0)), /out of data bounds/)
})

test('the slow model answers as a classifier does', async () => {
  const session = await InferenceSession.create(slowModel(features, 3))
  const { label, probabilities } = await session.run(flows(1, 1, 1, 1, 1, -9, 0, 0, 0, 0))
  assert.deepEqual([...(label!.data as BigInt64Array)], [1n, 0n])
  const [benign, attack] = probabilities!.data as Float32Array
  assert.ok(Math.abs((benign ?? 0) + (attack ?? 0) - 1) < 1e-6)
})
