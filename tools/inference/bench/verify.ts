import { outputsOf } from '../conformance/bodies.ts'
import { Rest } from '../conformance/rest.ts'
import { type Classifier, flowsOf } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'

/** Throws unless the server says of the recorded flows what was recorded, in JSON and, where asked for, as bytes: a fast wrong answer is none. */
export async function verify({ url }: Pick<RunningServer, 'url'>, model: Classifier, binary = false): Promise<void> {
  const rest = new Rest(url)
  const path = `v2/models/${model.name}/infer`
  try {
    const rows = model.examples.label.length
    const shape = [rows, model.features.length]
    const tensor = { name: 'flows', datatype: 'FP32', shape }
    const data = flowsOf(model, rows).flat()
    const { outputs } = outputsOf(await rest.post(path, { inputs: [{ ...tensor, data }] }))
    const said = (name: string): number[] => [outputs.find((one) => one.name === name)?.data].flat(3) as number[]
    assertRecorded(said('label'), said('probabilities'), model)
    if (!binary) return
    const bytes = Buffer.from(Float32Array.from(data).buffer)
    const inputs = [{ ...tensor, parameters: { binary_data_size: bytes.length } }]
    const json = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }))
    const { headers, body } = await rest.send('POST', path, Buffer.concat([json, bytes]), {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.length),
    })
    const from = Number(headers['inference-header-content-length'])
    // A copy: typed arrays want their own alignment.
    const answer = new Uint8Array(body.subarray(from)).buffer
    const label = Array.from(new BigInt64Array(answer, 0, rows), Number)
    assertRecorded(label, [...new Float32Array(answer, rows * 8, rows * 2)], model)
  } finally {
    rest.close()
  }
}

function assertRecorded(label: readonly number[], probabilities: readonly number[], { examples }: Classifier): void {
  const wanted = examples.probabilities.flat()
  const right =
    label.join() === examples.label.join() &&
    probabilities.length === wanted.length &&
    wanted.every((value, at) => Math.abs(value - probabilities[at]!) < 1e-5)
  if (!right) throw new Error(`Answered ${label} and ${probabilities} where ${JSON.stringify(examples)} was recorded.`)
}
