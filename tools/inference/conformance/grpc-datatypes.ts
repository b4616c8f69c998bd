import { grpc, must, should } from './bodies.ts'
import { echoOf } from './datatypes.ts'
import { grpcOf } from './grpc-health.ts'
import { answered, type InferAnswer, raw, typed } from './grpc-infer.ts'
import { expect, type Requirement, shown, type Target } from './requirement.ts'
import { contentsField, type Datatype, datatypes, elements, encode, type Tensor } from './tensors.ts'

const tensor = (datatype: Datatype): Tensor => ({ name: 'input', datatype, shape: [1, 4], values: elements[datatype] })

/** The first output's bytes, whichever way it came: typed contents are encoded for the comparison. */
function bytesOf(datatype: Datatype, { outputs, rawOutputContents }: InferAnswer): Buffer {
  const output = outputs[0]
  expect(output?.datatype === datatype, `The output is of ${shown(output?.datatype)}`)
  if (rawOutputContents.length > 0) return Buffer.from(rawOutputContents[0] as Buffer)
  const field = contentsField[datatype]
  expect(field, `${datatype} came without raw contents`)
  const values = output.contents?.[field] ?? []
  return encode(
    datatype,
    values.map((value) => (Buffer.isBuffer(value) ? value.toString('utf8') : (value as number))),
  )
}

const roundTrip = (datatype: Datatype, make: (one: Tensor) => object) => async (target: Target) => {
  const modelName = await echoOf(target, datatype)
  const answer = answered(
    await grpcOf(target).call<InferAnswer>('ModelInfer', { modelName, ...make(tensor(datatype)) }),
  )
  const [given, wanted] = [bytesOf(datatype, answer), encode(datatype, elements[datatype])]
  expect(given.equals(wanted), `${wanted.toString('hex')} became ${shown(Buffer.from(given.toString('hex')))}`)
}

/** Every datatype over gRPC, typed (but FP16, which has no field) and raw, there and back. */
export const grpcDatatypes: readonly Requirement[] = [
  ...datatypes
    .filter((datatype) => contentsField[datatype] !== undefined)
    .map((datatype) =>
      must(
        `GT-${datatype}`,
        `${datatype} in typed contents comes and goes unchanged.`,
        grpc('Tensor Data Types'),
        roundTrip(datatype, (one) => ({ inputs: [typed(one)] })),
      ),
    ),
  ...datatypes.map((datatype) =>
    must(
      `GR-${datatype}`,
      `${datatype} in raw contents comes and goes unchanged.`,
      grpc('Tensor Data Types'),
      roundTrip(datatype, (one) => raw([one])),
    ),
  ),
  should(
    'GB-1',
    'BYTES that are no UTF-8 come back unchanged or are refused, never altered.',
    grpc('Tensor Data'),
    async (target) => {
      const modelName = await echoOf(target, 'BYTES')
      const odd = Buffer.from([1, 0, 0, 0, 0xff, 2, 0, 0, 0, 0, 0xfe, 1, 0, 0, 0, 0x80, 0, 0, 0, 0])
      const inputs = [{ name: 'input', datatype: 'BYTES', shape: [1, 4] }]
      const { code, response } = await grpcOf(target).call<InferAnswer>('ModelInfer', {
        modelName,
        inputs,
        rawInputContents: [odd],
      })
      const back = response?.rawOutputContents[0]
      expect(
        code !== 'OK' || (back && Buffer.from(back).equals(odd)),
        `${odd.toString('hex')} became ${back && Buffer.from(back).toString('hex')}`,
      )
    },
  ),
]
