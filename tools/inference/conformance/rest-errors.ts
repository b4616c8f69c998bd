import {
  metadataOf,
  modelPath,
  must,
  outputsOf,
  refused,
  requestJson,
  rest,
  sampleOf,
  should,
  tensorJson,
} from './bodies.ts'
import type { Requirement, Target } from './requirement.ts'
import type { RestAnswer } from './rest.ts'
import { aVersion } from './rest-health.ts'
import type { Tensor } from './tensors.ts'

const source = rest('Inference Response JSON Error Object')

/** The model's first input changed by `change`, the others as they are. */
const wrong = (change: (tensor: Tensor) => string) => async (target: Target) => {
  const [first, ...others] = await sampleOf(target)
  const body = `{"inputs":[${[change(first as Tensor), ...others.map((tensor) => tensorJson(tensor))].join(',')}]}`
  refused(await send(target, body))
}

const send = (target: Target, body: string, path = modelPath(target)): Promise<RestAnswer> =>
  target.rest.send('POST', `${path}/infer`, body)

/** Requests that cannot be answered, over REST: each an error status of the client's kind, with what is wrong under `error`. */
export const restErrors: readonly Requirement[] = [
  must('E1', 'A body that is no JSON is refused.', source, async (target) =>
    refused(await send(target, '{"inputs":[')),
  ),
  must('E2', 'A body without inputs is refused.', source, async (target) => refused(await send(target, '{"id":"1"}'))),
  must('E3', 'An empty list of inputs is refused.', source, async (target) =>
    refused(await send(target, '{"inputs":[]}')),
  ),
  must(
    'E4',
    'An input that the model does not have is refused.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, name: 'nobody' })),
  ),
  must(
    'E5',
    'A datatype other than the input has is refused.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, datatype: tensor.datatype === 'INT16' ? 'INT8' : 'INT16' })),
  ),
  must(
    'E6',
    'A datatype that the protocol does not have is refused.',
    source,
    wrong((tensor) => tensorJson(tensor).replace(`"${tensor.datatype}"`, '"FP7"')),
  ),
  must(
    'E7',
    'Fewer elements than the shape says are refused.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, values: tensor.values.slice(1) })),
  ),
  must(
    'E8',
    'More elements than the shape says are refused.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, values: [...tensor.values, tensor.values[0]!] })),
  ),
  must(
    'E9',
    'A shape that the model does not take is refused.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, shape: [1, tensor.values.length, 1, 1] })),
  ),
  must(
    'E10',
    'A negative size is refused.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, shape: [-1, ...tensor.shape.slice(1)] })),
  ),
  must(
    'E11',
    'Texts where the datatype says numbers are refused.',
    source,
    wrong((tensor) => tensorJson(tensor, JSON.stringify(tensor.values.map(() => 'many')))),
  ),
  must(
    'E12',
    'An input without data is refused.',
    source,
    wrong((tensor) => tensorJson(tensor).replace(/,"data":.*$/, '}')),
  ),
  must('E13', 'An output that the model does not have is refused.', source, async (target) =>
    refused(await send(target, requestJson(await sampleOf(target), ',"outputs":[{"name":"nobody"}]'))),
  ),
  must('E14', 'A model that is not there is refused.', source, async (target) =>
    refused(await send(target, requestJson(await sampleOf(target)), 'v2/models/a-model-that-is-not-there')),
  ),
  must('E15', 'A version that is not there is refused.', source, async (target) => {
    await aVersion(target)
    refused(await send(target, requestJson(await sampleOf(target)), `${modelPath(target)}/versions/987654321`))
  }),
  should('E16', 'The same input twice is refused.', source, async (target) => {
    const tensors = await sampleOf(target)
    refused(await send(target, requestJson([...tensors, ...tensors])))
  }),
  should(
    'E17',
    'A shape of thousands of millions of elements is refused, not allocated.',
    source,
    wrong((tensor) => tensorJson({ ...tensor, shape: [2_000_000_000, ...tensor.shape.slice(1)] })),
  ),
  must('E18', 'After all of these the model still answers.', source, async (target) => {
    await metadataOf(target, modelPath(target))
    outputsOf(await send(target, requestJson(await sampleOf(target))))
  }),
]
