import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pythonWith, run } from '../../python/environment.ts'
import { startOurs } from '../peers/ours.ts'
import { classifier } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const [first, second] = [classifier('1'), classifier('2')]

interface Answer {
  readonly label: readonly number[]
  readonly probabilities: readonly unknown[]
  readonly id?: string
  readonly model?: string
}

let server: RunningServer
before(async () => {
  server = await startOurs([first, second], { echoes: true })
})
after(() => server.stop())

const ask = async (program: string, requirements: string, input: object): Promise<Record<string, unknown>> => {
  const python = await pythonWith(`inference-${requirements.replace('.txt', '')}`, here(requirements))
  return JSON.parse(await run(python, [here(program)], { input: JSON.stringify(input) })) as Record<string, unknown>
}

/** What was recorded when the model was trained: without a version the newest answers. */
function assertPredicts({ label, probabilities }: Answer, { examples } = second): void {
  assert.deepEqual(label, examples.label)
  const given = probabilities.flat() as number[]
  for (const [at, wanted] of examples.probabilities.flat().entries()) assert.ok(Math.abs(given[at]! - wanted) < 1e-5)
}

for (const protocol of ['http', 'grpc'] as const)
  test(`tritonclient over ${protocol} works unchanged`, async () => {
    const url = protocol === 'http' ? new URL(server.url).host : server.grpc
    const { name, examples } = first
    const input = { url, protocol, model: name, version: '1', flows: examples.flows, echoes: true }
    const said = await ask('triton.py', 'tritonclient.txt', input)
    const { live, ready, modelReady, versionReady, nobodyReady, inputs, outputs, one, texts, halves } = said
    assert.deepEqual([live, ready, modelReady, versionReady, nobodyReady], [true, true, true, true, false])
    assert.deepEqual([inputs, outputs], [['flows'], ['label', 'probabilities']])
    assert.ok((said.index as string[]).includes(name) && (said.extensions as string[]).includes('binary_tensor_data'))
    assert.deepEqual(one, { id: 'request-7', version: '1', outputs: ['label'] })
    const answers = protocol === 'http' ? ['default', 'json', 'compressed', 'async'] : ['default']
    for (const way of answers) {
      assertPredicts(said[way] as Answer, second)
      assert.equal((said[way] as Record<string, unknown>).probabilitiesType, 'float32', way)
    }
    assert.deepEqual(texts, ['flow', 'ä€😀', '', '\n'])
    assert.deepEqual(halves, [[0, -1.5, 65_504, 0.0999755859375]])
    const { status, message } = said.refusal as { status: string; message: string }
    assert.equal(status, protocol === 'http' ? '400' : 'StatusCode.INVALID_ARGUMENT')
    assert.match(message, /flows/)
  })

test("KServe's clients work unchanged, over REST and gRPC", async () => {
  const { name, examples } = first
  const said = await ask('kserve_client.py', 'kserve.txt', {
    url: server.url,
    grpc: server.grpc,
    model: name,
    flows: examples.flows,
  })
  for (const way of ['rest', 'grpc']) {
    const { live, ready, modelReady, nobodyReady, json, binary } = said[way] as Record<string, unknown>
    assert.deepEqual([live, ready, modelReady], [true, true, true], way)
    if (way === 'rest') assert.equal(nobodyReady, false)
    for (const answer of [json, binary] as Answer[]) {
      assertPredicts(answer)
      assert.deepEqual([answer.id, answer.model], ['request-7', name])
    }
  }
})
