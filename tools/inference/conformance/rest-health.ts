import { grpc, metadataOf, modelPath, must, rest, should } from './bodies.ts'
import { expect, isList, isObject, NotApplicable, type Requirement, shown, type Target } from './requirement.ts'

const answers200 = (path: (target: Target) => string) => async (target: Target) => {
  const { status, body } = await target.rest.get(path(target))
  expect(status === 200, `Answered ${status}: ${shown(body)}`)
}

const saysTrue = (path: (target: Target) => string, names: readonly string[]) => async (target: Target) => {
  const { json, body } = await target.rest.get(path(target))
  expect(isObject(json) && names.some((name) => json[name] === true), `The body is ${shown(body)}`)
}

/** A version that the model's metadata names; an ask for it is what a version in a path means. */
export async function aVersion(target: Target): Promise<string> {
  const { versions } = await metadataOf(target, modelPath(target))
  const version = versions?.at(-1)
  if (version === undefined) throw new NotApplicable('The model has no version that can be asked for.')
  return version
}

const nobody = 'a-model-that-is-not-there'
const noVersion = '987654321'

const refuses = (path: (target: Target) => string) => async (target: Target) => {
  const { status, json, body } = await target.rest.get(path(target))
  expect(status >= 400 && status <= 499, `Answered ${status}: ${shown(body)}`)
  expect(isObject(json) && typeof json.error === 'string', `${status} without 'error': ${shown(body)}`)
}

/** Health and metadata over REST. */
export const restHealth: readonly Requirement[] = [
  must(
    'H1',
    'GET v2/health/live answers 200.',
    rest('Server Live'),
    answers200(() => 'v2/health/live'),
  ),
  should(
    'H2',
    'Its body says live: true.',
    rest('Server Live'),
    saysTrue(() => 'v2/health/live', ['live']),
  ),
  must(
    'H3',
    'GET v2/health/ready answers 200 when all models are ready.',
    rest('Server Ready'),
    answers200(() => 'v2/health/ready'),
  ),
  // The document's object for it says "live"; its OpenAPI says "ready".
  should(
    'H4',
    'Its body says ready (or live): true.',
    rest('Server Ready'),
    saysTrue(() => 'v2/health/ready', ['ready', 'live']),
  ),
  must(
    'H5',
    'GET v2/models/M/ready answers 200 for a model that is ready.',
    rest('Model Ready'),
    answers200((t) => `${modelPath(t)}/ready`),
  ),
  should('H6', "Its body has the model's name and ready: true.", rest('Model Ready'), async (target) => {
    const { json, body } = await target.rest.get(`${modelPath(target)}/ready`)
    expect(isObject(json) && json.name === target.model && json.ready === true, `The body is ${shown(body)}`)
  }),
  must(
    'H7',
    'GET v2/models/M/versions/V/ready answers 200 for a version in its metadata.',
    rest('Model Ready'),
    async (target) => {
      const version = await aVersion(target)
      await answers200((t) => `${modelPath(t)}/versions/${version}/ready`)(target)
    },
  ),
  must('H8', 'A model that is not there is not ready: an error status.', rest('Model Ready'), async ({ rest }) => {
    const { status } = await rest.get(`v2/models/${nobody}/ready`)
    expect(status >= 400, `Answered ${status}`)
  }),
  must('H9', 'Nor is a version that is not there.', rest('Model Ready'), async (target) => {
    await aVersion(target)
    const { status } = await target.rest.get(`${modelPath(target)}/versions/${noVersion}/ready`)
    expect(status >= 400, `Answered ${status}`)
  }),
  must(
    'M1',
    'GET v2 answers name and version as texts, extensions as a list of texts.',
    rest('Server Metadata'),
    async ({ rest }) => {
      const { status, json, body } = await rest.get('v2')
      expect(status === 200 && isObject(json), `Answered ${status}: ${shown(body)}`)
      expect(typeof json.name === 'string' && typeof json.version === 'string', `The body is ${shown(body)}`)
      const { extensions } = json
      expect(
        isList(extensions) && extensions.every((one) => typeof one === 'string'),
        `Extensions are ${shown(extensions)}`,
      )
    },
  ),
  must('M2', "GET v2/models/M answers the model's name and a platform.", rest('Model Metadata'), async (target) => {
    const { name, platform } = await metadataOf(target, modelPath(target))
    expect(name === target.model && typeof platform === 'string', `Name ${shown(name)}, platform ${shown(platform)}`)
  }),
  must(
    'M3',
    'Inputs and outputs have name, datatype of the protocol, and shape.',
    rest('Model Metadata'),
    async (target) => {
      await metadataOf(target, modelPath(target))
    },
  ),
  must('M4', 'A size that varies is -1.', rest('Model Metadata'), async (target) => {
    const { inputs } = await metadataOf(target, modelPath(target))
    expect(
      inputs.some(({ shape }) => shape[0] === -1),
      `Shapes of inputs are ${shown(inputs.map(({ shape }) => shape))}`,
    )
  }),
  must(
    'M5',
    'GET v2/models/M/versions/V answers for each version that the metadata names.',
    rest('Model Metadata'),
    async (target) => {
      await aVersion(target)
      const { versions = [] } = await metadataOf(target, modelPath(target))
      for (const version of versions) await metadataOf(target, `${modelPath(target)}/versions/${version}`)
    },
  ),
  must(
    'M6',
    "A model that is not there: an error status, and what is wrong under 'error'.",
    rest('Model Metadata Response JSON Error Object'),
    refuses(() => `v2/models/${nobody}`),
  ),
  must(
    'M7',
    'Likewise a version that is not there.',
    rest('Model Metadata Response JSON Error Object'),
    async (target) => {
      await aVersion(target)
      await refuses((t) => `${modelPath(t)}/versions/${noVersion}`)(target)
    },
  ),
  must('M8', 'The platform is written as project_format.', grpc('Platforms'), async (target) => {
    const { platform } = await metadataOf(target, modelPath(target))
    expect(typeof platform === 'string' && /^[^_]+_[^_]+$/.test(platform), `The platform is ${shown(platform)}`)
  }),
]
