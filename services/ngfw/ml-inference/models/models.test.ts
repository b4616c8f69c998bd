import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { InferenceSession, Tensor } from '../../../common/inference/testing/onnxruntime.ts'

interface Metadata {
  readonly name: string
  readonly version: string
  readonly sha256: string
  readonly bytes: number
  readonly features: readonly string[]
  readonly examples: {
    readonly flows: readonly (readonly number[])[]
    readonly label: readonly number[]
    readonly probabilities: readonly (readonly number[])[]
  }
}

const models = import.meta.dirname
const folders = readdirSync(models, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(models, name)).map((version) => ({ name, version })))

test('two versions of the flow classifier are carried', () => {
  assert.deepEqual(
    folders.map(({ name, version }) => `${name}/${version}`),
    ['flow-classifier/1', 'flow-classifier/2'],
  )
})

for (const { name, version } of folders)
  test(`${name} ${version} is the file that its metadata says, and predicts what was recorded when it was trained`, async () => {
    const folder = join(models, name, version)
    const metadata = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Metadata
    const bytes = readFileSync(join(folder, 'model.onnx'))
    assert.deepEqual(
      [metadata.name, metadata.version, metadata.sha256, metadata.bytes],
      [name, version, createHash('sha256').update(bytes).digest('hex'), bytes.length],
    )
    const { flows, label, probabilities } = metadata.examples
    assert.ok(label.includes(0) && label.includes(1), 'Examples of both labels.')
    const session = await InferenceSession.create(bytes)
    const data = Float32Array.from(flows.flat())
    const answer = await session.run({ flows: new Tensor('float32', data, [flows.length, metadata.features.length]) })
    assert.deepEqual([...(answer.label!.data as BigInt64Array)].map(Number), label)
    const given = [...(answer.probabilities!.data as Float32Array)]
    for (const [at, expected] of probabilities.flat().entries())
      assert.ok(Math.abs((given[at] as number) - expected) < 1e-5, `${at}: ${given[at]} instead of ${expected}`)
  })
