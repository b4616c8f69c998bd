import {
  binary,
  metadataOf,
  modelPath,
  must,
  outputsIn,
  outputsOf,
  refused,
  sampleOf,
  should,
  tensorJson,
} from './bodies.ts'
import { echoOf } from './datatypes.ts'
import { expect, isList, isObject, NotApplicable, type Requirement, shown, type Target } from './requirement.ts'
import type { RestAnswer } from './rest.ts'
import { datatypes, elements, encode, type Tensor } from './tensors.ts'

const header = 'inference-header-content-length'

/** A tensor's description for a request whose bytes follow the JSON. */
const described = ({ name, datatype, shape, values }: Tensor, bytes = encode(datatype, values).length): string =>
  `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":${JSON.stringify(shape)},"parameters":{"binary_data_size":${bytes}}}`

const send = (
  target: Target,
  path: string,
  json: string,
  bytes: readonly Buffer[],
  length: number | undefined = Buffer.byteLength(json),
): Promise<RestAnswer> =>
  target.rest.send('POST', `${path}/infer`, Buffer.concat([Buffer.from(json), ...bytes]), {
    'content-type': 'application/octet-stream',
    ...(length === undefined ? {} : { 'inference-header-content-length': String(length) }),
  })

const bytesOf = (tensors: readonly Tensor[]): Buffer[] =>
  tensors.map(({ datatype, values }) => encode(datatype, values))

const request = (tensors: readonly Tensor[], more = ''): string =>
  `{"inputs":[${tensors.map((one) => described(one)).join(',')}]${more}}`

/** The JSON of an answer and what follows it. */
function parts({ status, headers, body }: RestAnswer): { json: unknown; bytes: Buffer } {
  expect(status === 200, `Answered ${status}: ${shown(body)}`)
  const length = Number(headers[header])
  expect(
    Number.isInteger(length) && length > 0 && length < body.length,
    `${header} is ${shown(headers[header])}, the body ${body.length} bytes`,
  )
  expect(
    Number(headers['content-length']) === body.length,
    `content-length is ${shown(headers['content-length'])}, the body ${body.length} bytes`,
  )
  const json: unknown = JSON.parse(body.subarray(0, length).toString('utf8'))
  return { json, bytes: body.subarray(length) }
}

/** Each output's bytes, cut as binary_data_size says; undefined for one whose data are in the JSON. */
function cut(answer: RestAnswer): Map<string, Buffer | undefined> {
  const { json, bytes } = parts(answer)
  let at = 0
  const cuts = outputsIn(json).outputs.map(({ name, parameters }) => {
    const size = isObject(parameters) ? parameters.binary_data_size : undefined
    if (size === undefined) return [name, undefined] as const
    at += Number(size)
    return [name, bytes.subarray(at - Number(size), at)] as const
  })
  expect(at === bytes.length, `${bytes.length} bytes follow the JSON where binary_data_size says ${at}`)
  return new Map(cuts)
}

const named = async ({ rest }: Target): Promise<unknown> => {
  const { json } = await rest.get('v2')
  return isObject(json) ? json.extensions : undefined
}

/** A requirement of the extension: it binds a server that names it. */
const offered = (id: string, says: string, check: Requirement['check']): Requirement =>
  must(id, says, binary, async (target) => {
    const extensions = await named(target)
    if (!isList(extensions) || !extensions.includes('binary_tensor_data'))
      throw new NotApplicable('The server does not offer the extension.')
    await check(target)
  })

/** Tensors as bytes after the JSON of a REST request and response. */
export const binaryData: readonly Requirement[] = [
  should('B1', 'The server offers binary_tensor_data.', binary, async (target) => {
    const extensions = await named(target)
    expect(isList(extensions) && extensions.includes('binary_tensor_data'), `Extensions are ${shown(extensions)}`)
  }),
  offered(
    'B2',
    'Inputs as bytes mean the same as in JSON; outputs come in JSON where nothing else is asked for.',
    async (target) => {
      const tensors = await sampleOf(target)
      const answer = await send(target, modelPath(target), request(tensors), bytesOf(tensors))
      const inJson = await target.rest.send(
        'POST',
        `${modelPath(target)}/infer`,
        `{"inputs":[${tensors.map((one) => tensorJson(one)).join(',')}]}`,
      )
      const data = (one: RestAnswer): string => JSON.stringify(outputsOf(one).outputs.map((output) => output.data))
      expect(data(answer) === data(inJson), `As bytes ${shown(data(answer))}, in JSON ${shown(data(inJson))}`)
    },
  ),
  offered(
    'B3',
    'An output with binary_data true comes as bytes, in the order of the JSON, others in JSON.',
    async (target) => {
      const { outputs } = await metadataOf(target, modelPath(target))
      const tensors = await sampleOf(target)
      const wanted = outputs.map(
        ({ name }, at) => `{"name":${JSON.stringify(name)},"parameters":{"binary_data":${at === 0}}}`,
      )
      const seen = cut(
        await send(target, modelPath(target), request(tensors, `,"outputs":[${wanted.join(',')}]`), bytesOf(tensors)),
      )
      for (const [at, { name }] of outputs.entries())
        expect(
          (seen.get(name) !== undefined) === (at === 0),
          `'${name}' came ${seen.get(name) ? 'as bytes' : 'in JSON'}`,
        )
    },
  ),
  offered('B4', 'binary_data_output true asks for all outputs as bytes.', async (target) => {
    const tensors = await sampleOf(target)
    const seen = cut(
      await send(
        target,
        modelPath(target),
        request(tensors, ',"parameters":{"binary_data_output":true}'),
        bytesOf(tensors),
      ),
    )
    for (const [name, bytes] of seen) expect(bytes, `'${name}' came in JSON`)
  }),
  offered('B5', 'binary_data of an output overrides it.', async (target) => {
    const [first] = (await metadataOf(target, modelPath(target))).outputs
    const tensors = await sampleOf(target)
    const more = `,"parameters":{"binary_data_output":true},"outputs":[{"name":${JSON.stringify(first?.name)},"parameters":{"binary_data":false}}]`
    const { outputs } = outputsOf(await send(target, modelPath(target), request(tensors, more), bytesOf(tensors)))
    expect(isList(outputs[0]?.data), `'${first?.name}' has no data in JSON`)
  }),
  offered('B6', 'A request in JSON may ask for outputs as bytes.', async (target) => {
    const tensors = await sampleOf(target)
    const json = `{"inputs":[${tensors.map((one) => tensorJson(one)).join(',')}],"parameters":{"binary_data_output":true}}`
    cut(await target.rest.send('POST', `${modelPath(target)}/infer`, json))
  }),
  offered('B7', 'More or fewer bytes than binary_data_size says are refused.', async (target) => {
    const tensors = await sampleOf(target)
    refused(
      await send(
        target,
        modelPath(target),
        request(tensors),
        bytesOf(tensors).map((bytes) => bytes.subarray(4)),
      ),
    )
    refused(await send(target, modelPath(target), request(tensors), [...bytesOf(tensors), Buffer.alloc(4)]))
  }),
  offered('B8', 'A binary_data_size that does not fit shape and datatype is refused.', async (target) => {
    const tensors = await sampleOf(target)
    const inputs = tensors.map((one) => described(one, encode(one.datatype, one.values).length - 4))
    refused(
      await send(
        target,
        modelPath(target),
        `{"inputs":[${inputs.join(',')}]}`,
        bytesOf(tensors).map((bytes) => bytes.subarray(4)),
      ),
    )
  }),
  offered('B9', 'A length of the JSON that is longer than the body is refused.', async (target) => {
    const tensors = await sampleOf(target)
    refused(await send(target, modelPath(target), request(tensors), bytesOf(tensors), 1_000_000))
  }),
  ...datatypes.map((datatype) =>
    offered(`BD-${datatype}`, `${datatype} as bytes comes and goes unchanged.`, async (target) => {
      const model = await echoOf(target, datatype)
      const tensor: Tensor = { name: 'input', datatype, shape: [1, 4], values: elements[datatype] }
      const seen = cut(
        await send(
          target,
          `v2/models/${model}`,
          request([tensor], ',"parameters":{"binary_data_output":true}'),
          bytesOf([tensor]),
        ),
      )
      const [given, wanted] = [[...seen.values()][0], encode(datatype, elements[datatype])]
      expect(given?.equals(wanted), `${wanted.toString('hex')} became ${given?.toString('hex')}`)
    }),
  ),
]
