import {
  flat,
  metadataOf,
  modelPath,
  must,
  outputsOf,
  requestJson,
  rest,
  sampleOf,
  should,
  tensorJson,
} from './bodies.ts'
import { expect, type Requirement, shown, type Target } from './requirement.ts'
import type { RestAnswer } from './rest.ts'
import { aVersion } from './rest-health.ts'
import { elementsJson, type Tensor } from './tensors.ts'

const infer = (target: Target, body: string, path = modelPath(target)): Promise<RestAnswer> =>
  target.rest.send('POST', `${path}/infer`, body)

const data = (answer: RestAnswer): string =>
  JSON.stringify(outputsOf(answer).outputs.map(({ name, data }) => [name, flat(data)]))

/** A tensor's data as lists in lists, as its shape says. */
function nested({ shape, values }: Tensor): string {
  const level = (depth: number, from: number): string => {
    if (depth === shape.length - 1) return elementsJson(values.slice(from, from + (shape[depth] ?? 0)))
    const step = shape.slice(depth + 1).reduce((a, b) => a * b, 1)
    return `[${Array.from({ length: shape[depth] ?? 0 }, (_, at) => level(depth + 1, from + at * step)).join(',')}]`
  }
  return level(0, 0)
}

const row = (tensor: Tensor, at: number): Tensor => {
  const width = tensor.values.length / (tensor.shape[0] ?? 1)
  return { ...tensor, shape: [1, ...tensor.shape.slice(1)], values: tensor.values.slice(at * width, (at + 1) * width) }
}

const idComesBack =
  (...ids: readonly string[]) =>
  async (target: Target) => {
    for (const id of ids) {
      const { answer } = outputsOf(
        await infer(target, requestJson(await sampleOf(target), `,"id":${JSON.stringify(id)}`)),
      )
      expect(answer.id === id, `For ${shown(id)} it is ${shown(answer.id)}`)
    }
  }

/** Inference over REST. */
export const restInfer: readonly Requirement[] = [
  must(
    'I1',
    'POST v2/models/M/infer answers 200 with model_name and outputs: name, datatype, shape, and data of as many elements.',
    rest('Inference Response JSON Object'),
    async (target) => {
      const { answer } = outputsOf(await infer(target, requestJson(await sampleOf(target))))
      expect(answer.model_name === target.model, `model_name is ${shown(answer.model_name)}`)
    },
  ),
  must(
    'I2',
    'Outputs are those of the metadata, of the datatypes and shapes that it says.',
    rest('Model Metadata Response JSON Object'),
    async (target) => {
      const { outputs: described } = await metadataOf(target, modelPath(target))
      const { outputs } = outputsOf(await infer(target, requestJson(await sampleOf(target))))
      for (const { name, datatype, shape } of described) {
        const output = outputs.find((one) => one.name === name)
        expect(output, `No output '${name}' in ${shown(outputs.map((one) => one.name))}`)
        expect(output.datatype === datatype, `'${name}' is ${output.datatype} where the metadata says ${datatype}`)
        expect(
          output.shape.length === shape.length && shape.every((size, at) => size === -1 || size === output.shape[at]),
          `'${name}' is ${shown(output.shape)} where the metadata says ${shown(shape)}`,
        )
      }
    },
  ),
  should('I3', 'The content type is application/json.', rest('Inference Request Examples'), async (target) => {
    const { headers } = await infer(target, requestJson(await sampleOf(target)))
    expect(String(headers['content-type']).startsWith('application/json'), `It is ${shown(headers['content-type'])}`)
  }),
  must(
    'I4',
    'An id comes back in the response.',
    rest('Inference Request JSON Object'),
    idComesBack('42', 'x'.repeat(200)),
  ),
  must('I12', 'An id of any letters comes back too.', rest('Inference Request JSON Object'), idComesBack('a-ä-€-😀')),
  must('I5', 'POST v2/models/M/versions/V/infer answers with that version.', rest('Inference'), async (target) => {
    const version = await aVersion(target)
    const { answer } = outputsOf(
      await infer(target, requestJson(await sampleOf(target)), `${modelPath(target)}/versions/${version}`),
    )
    expect(answer.model_version === version, `model_version is ${shown(answer.model_version)}`)
  }),
  must('I6', 'All outputs come where none is asked for.', rest('Inference Request JSON Object'), async (target) => {
    const { outputs: described } = await metadataOf(target, modelPath(target))
    const { outputs } = outputsOf(await infer(target, requestJson(await sampleOf(target))))
    expect(outputs.length === described.length, `${outputs.length} of ${described.length}`)
  }),
  must('I7', 'Only the outputs that are asked for come.', rest('Request Output'), async (target) => {
    const { outputs: described } = await metadataOf(target, modelPath(target))
    for (const { name } of described) {
      const { outputs } = outputsOf(
        await infer(target, requestJson(await sampleOf(target), `,"outputs":[{"name":${JSON.stringify(name)}}]`)),
      )
      expect(
        outputs.length === 1 && outputs[0]?.name === name,
        `For '${name}' come ${shown(outputs.map((one) => one.name))}`,
      )
    }
  }),
  must(
    'I8',
    'Parameters of a request, an input and an output may be given, of text, number and truth value.',
    rest('Parameters'),
    async (target) => {
      const { outputs: described } = await metadataOf(target, modelPath(target))
      const parameters = '"parameters":{"text":"a","number":7,"truth":true}'
      const tensors = (await sampleOf(target)).map((tensor) => `${tensorJson(tensor).slice(0, -1)},${parameters}}`)
      const asked = described.map(({ name }) => `{"name":${JSON.stringify(name)},${parameters}}`)
      outputsOf(await infer(target, `{${parameters},"inputs":[${tensors.join(',')}],"outputs":[${asked.join(',')}]}`))
    },
  ),
  must(
    'I9',
    'Data may be a flat list or lists in lists as the shape says; both mean the same.',
    rest('Tensor Data'),
    async (target) => {
      const tensors = await sampleOf(target, 3)
      const inLists = `{"inputs":[${tensors.map((tensor) => tensorJson(tensor, nested(tensor))).join(',')}]}`
      const [one, other] = [await infer(target, requestJson(tensors)), await infer(target, inLists)]
      expect(data(one) === data(other), `Flat gives ${data(one)}, lists in lists give ${data(other)}`)
    },
  ),
  must('I10', 'A batch says of each row what the row says alone.', rest('Request Input'), async (target) => {
    const tensors = await sampleOf(target, 3)
    const { outputs } = outputsOf(await infer(target, requestJson(tensors)))
    for (const at of [0, 1, 2]) {
      const alone = outputsOf(await infer(target, requestJson(tensors.map((tensor) => row(tensor, at))))).outputs
      for (const [n, output] of outputs.entries()) {
        const all = flat(output.data)
        const width = all.length / 3
        const own = flat(alone[n]?.data)
        const near =
          own.length === width && own.every((value, i) => Math.abs(Number(value) - Number(all[at * width + i])) < 1e-4)
        expect(
          near,
          `Row ${at} of '${output.name}' is ${shown(all.slice(at * width, (at + 1) * width))}, alone ${shown(own)}`,
        )
      }
    }
  }),
  should(
    'I11',
    'Many requests at once are each answered with their own id and rows.',
    rest('Inference'),
    async (target) => {
      const tensors = await sampleOf(target, 3)
      const alone = await Promise.all(
        [0, 1, 2].map(async (at) => data(await infer(target, requestJson(tensors.map((tensor) => row(tensor, at)))))),
      )
      await Promise.all(
        Array.from({ length: 60 }, async (_, n) => {
          const answer = await infer(
            target,
            requestJson(
              tensors.map((tensor) => row(tensor, n % 3)),
              `,"id":"${n}"`,
            ),
          )
          const { answer: said } = outputsOf(answer)
          expect(said.id === String(n), `Request ${n} got the answer of ${shown(said.id)}`)
          expect(
            near(data(answer), alone[n % 3] as string),
            `Request ${n} got ${data(answer)}, alone it was ${alone[n % 3]}`,
          )
        }),
      )
    },
  ),
]

/** Batching may change the last digits of a float. */
function near(one: string, other: string): boolean {
  const numbers = (text: string): number[] =>
    flat(JSON.parse(text)).filter((value) => typeof value === 'number') as number[]
  const [a, b] = [numbers(one), numbers(other)]
  return a.length === b.length && a.every((value, at) => Math.abs(value - (b[at] as number)) < 1e-4)
}
