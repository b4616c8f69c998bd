import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isMainThread } from 'node:worker_threads'
import { echoModel, failingModel } from '../../../common/inference/testing/models.ts'
import { allocate, type Datatype, datatypes, numberType, type TensorData } from '../tensor/datatypes.ts'
import type { Engine } from './engine.ts'
import { onnxEngine } from './onnx.ts'
import { serveEngine, threadEngine } from './thread.ts'

const options = { provider: 'cpu', threads: 1 } as const
const here = new URL(import.meta.url)

const filled = (datatype: Datatype): TensorData => {
  const data = allocate(datatype, 8)
  for (let i = 0; i < 8; i++) {
    const big = datatype !== 'BYTES' && numberType(datatype).kind === 'bigint'
    ;(data as unknown[])[i] = datatype === 'BYTES' ? `é${i}` : big ? BigInt(i) : datatype === 'BOOL' ? i % 2 : i
  }
  return data
}

async function echoes(open: (bytes: Uint8Array) => Promise<Engine>): Promise<void> {
  for (const datatype of datatypes) {
    const engine = await open(echoModel(datatype, 4))
    assert.deepEqual(engine.info.inputs, [{ name: 'input', datatype, shape: [-1, 4] }])
    const { output } = await engine.run({ input: { datatype, shape: [2, 4], data: filled(datatype) } }, ['output'])
    assert.deepEqual(output, { datatype, shape: [2, 4], data: filled(datatype) })
    await engine.close()
  }
}

// A thread of an engine begins with this very file.
if (!isMainThread) await serveEngine()
else {
  test('every datatype goes through ONNX Runtime in this thread', () => echoes((bytes) => onnxEngine(bytes, options)))

  test('and through a thread of its own', () => echoes((bytes) => threadEngine(here, bytes, options)))

  test('bytes that are no model, and a model that fails, are told of and end nothing', async (t) => {
    for (const open of [onnxEngine(Buffer.from('x'), options), threadEngine(here, Buffer.from('x'), options)])
      await assert.rejects(open, /protobuf|model/i)
    const engine = await threadEngine(here, failingModel(33), options)
    // Its thread would keep a failed test from ending.
    t.after(() => engine.close())
    const flows = (value: number) => ({
      flows: { datatype: 'FP32', shape: [1, 33], data: new Float32Array(33).fill(value) } as const,
    })
    await assert.rejects(engine.run(flows(1), ['label']), /Gather/)
    assert.equal((await engine.run(flows(0), ['label'])).label!.shape.length, 1)
    // The kernel counts a thread's time by ticks and shares them out: one short run may have taken none.
    let cpuMs = 0
    for (let runs = 0; runs < 2_000 && cpuMs === 0; runs++) {
      await engine.run(flows(0), ['label'])
      cpuMs += engine.cpuMs ?? 0
    }
    assert.ok(cpuMs > 0)
    await engine.close()
    await assert.rejects(engine.run(flows(0), ['label']), /has ended/)
  })

  test('ONNX Runtime tells nobody of models', () => {
    const home = mkdtempSync(join(tmpdir(), 'nd-test-home-'))
    const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
    const script = `
      const { onnxEngine } = await import(${url('onnx.ts')})
      const { echoModel } = await import(${url('../../../common/inference/testing/models.ts')})
      await onnxEngine(echoModel('FP32'), { provider: 'cpu', threads: 1 })`
    // Where it may tell, it first makes itself an identity of the machine at home. `CI` would silence it too.
    const env = { PATH: process.env.PATH, HOME: home }
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env,
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
    assert.deepEqual(readdirSync(home), [])
    rmSync(home, { recursive: true })
  })
}
