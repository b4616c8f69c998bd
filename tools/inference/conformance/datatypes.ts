import { must, outputsOf, rest } from './bodies.ts'
import { expect, NotApplicable, type Requirement, shown, type Target } from './requirement.ts'
import { type Datatype, datatypes, elements, elementsJson } from './tensors.ts'

/** The echo model of a datatype and the name of its one input and output. Not applicable where the server has none. */
export async function echoOf({ rest, echo }: Target, datatype: Datatype): Promise<string> {
  const model = `${echo}${datatype.toLowerCase()}`
  const { status } = await rest.get(`v2/models/${model}/ready`)
  if (status !== 200) throw new NotApplicable(`There is no model '${model}' that gives its input back.`)
  return model
}

/** The text of the first list under "data": read as text, since JSON.parse rounds whole numbers of 64 bits. */
const dataText = (body: Buffer): string => /"data"\s*:\s*(\[[^\]]*\])/.exec(body.toString('utf8'))?.[1] ?? ''

/** Whether a JSON text of data holds these elements, exactly. */
function same(datatype: Datatype, text: string): boolean {
  const wanted = elements[datatype]
  if (datatype === 'INT64' || datatype === 'UINT64') return text.replaceAll(/\s/g, '') === elementsJson(wanted)
  const given = JSON.parse(text) as unknown[]
  const view = datatype === 'FP32' ? Math.fround : (value: number): number => value
  return (
    given.length === wanted.length &&
    wanted.every((value, at) =>
      typeof value === 'number' ? view(given[at] as number) === view(value) : given[at] === value,
    )
  )
}

/** Every datatype in JSON, there and back. */
export const restDatatypes: readonly Requirement[] = datatypes.map((datatype) =>
  must(
    `D-${datatype}`,
    `${datatype} in JSON comes and goes unchanged, its limits too.`,
    rest('Tensor Data Types'),
    async (target) => {
      const model = await echoOf(target, datatype)
      const input = `{"name":"input","datatype":"${datatype}","shape":[1,4],"data":${elementsJson(elements[datatype])}}`
      const answer = await target.rest.send('POST', `v2/models/${model}/infer`, `{"inputs":[${input}]}`)
      const { outputs } = outputsOf(answer)
      expect(outputs[0]?.datatype === datatype, `The output is of ${shown(outputs[0]?.datatype)}`)
      const text = dataText(answer.body)
      expect(same(datatype, text), `${elementsJson(elements[datatype])} became ${shown(Buffer.from(text))}`)
    },
  ),
)
