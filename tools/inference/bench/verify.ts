import { outputsOf } from '../conformance/bodies.ts'
import { Rest } from '../conformance/rest.ts'
import { type Classifier, flowsOf } from '../peers/requests.ts'
import type { RunningServer } from '../peers/server.ts'

/** Throws unless the server says of the recorded flows what was recorded: a fast wrong answer is none. */
export async function verify({ url }: Pick<RunningServer, 'url'>, model: Classifier): Promise<void> {
  const rest = new Rest(url)
  try {
    const rows = model.examples.label.length
    const inputs = [
      { name: 'flows', datatype: 'FP32', shape: [rows, model.features.length], data: flowsOf(model, rows).flat() },
    ]
    const { outputs } = outputsOf(await rest.post(`v2/models/${model.name}/infer`, { inputs }))
    const data = (name: string): number[] => [outputs.find((one) => one.name === name)?.data].flat(3) as number[]
    const [label, probabilities] = [data('label'), data('probabilities')]
    const wanted = model.examples.probabilities.flat()
    const right =
      label.join() === model.examples.label.join() &&
      probabilities.length === wanted.length &&
      wanted.every((value, at) => Math.abs(value - probabilities[at]!) < 1e-5)
    if (!right)
      throw new Error(`${url} answers ${JSON.stringify(outputs)} where ${JSON.stringify(model.examples)} was recorded.`)
  } finally {
    rest.close()
  }
}
