import { must, refused, repository, should } from './bodies.ts'
import { echoOf } from './datatypes.ts'
import { grpcOf } from './grpc-health.ts'
import { expect, isList, isObject, type Requirement, shown, type Target } from './requirement.ts'

/** The model that is loaded and unloaded: not the one that the other requirements need. */
const victim = 'FP64'

interface Index {
  readonly name: string
  readonly version?: string
  readonly state: string
  readonly reason: string
}

async function index(target: Target, body: object): Promise<Index[]> {
  const { status, json, body: text } = await target.rest.post('v2/repository/index', body)
  expect(status === 200 && isList(json), `Answered ${status}: ${shown(text)}`)
  for (const one of json)
    expect(isObject(one) && typeof one.name === 'string' && typeof one.state === 'string', `An entry is ${shown(one)}`)
  return json as unknown as Index[]
}

async function ready(target: Target, model: string): Promise<boolean> {
  return (await target.rest.get(`v2/models/${model}/ready`)).status === 200
}

/** Waits until a model is ready, or is not: a load may be answered before its model is warm. */
async function becomes(target: Target, model: string, wanted: boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await ready(target, model)) === wanted) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  expect(false, `'${model}' is ${wanted ? 'not ready' : 'still ready'} after five seconds`)
}

/** Models that are listed, taken away and brought back, over both interfaces. The last of each brings back what was taken. */
export const modelRepository: readonly Requirement[] = [
  should(
    'R1',
    'A server that has the extension names it: model_repository.',
    repository('Model Repository Extension'),
    async ({ rest }) => {
      const { json } = await rest.get('v2')
      const extensions = isObject(json) ? json.extensions : undefined
      expect(isList(extensions) && extensions.includes('model_repository'), `Extensions are ${shown(extensions)}`)
    },
  ),
  must(
    'R2',
    'POST v2/repository/index lists models with name, state and reason; the model is among them, READY.',
    repository('Index'),
    async (target) => {
      const entry = (await index(target, {})).find(({ name }) => name === target.model)
      expect(entry?.state === 'READY', `Its entry is ${shown(entry)}`)
      expect(typeof entry.reason === 'string', `'reason' is ${shown(entry.reason)}`)
    },
  ),
  must('R3', 'With ready true only those that are.', repository('Index'), async (target) => {
    const states = (await index(target, { ready: true })).map(({ state }) => state)
    expect(states.length > 0 && states.every((state) => state === 'READY'), `States are ${shown(states)}`)
  }),
  must(
    'R4',
    'Unload of a model: 200; it is not ready, and its inference is refused.',
    repository('Unload'),
    async (target) => {
      const model = await echoOf(target, victim)
      const { status, body } = await target.rest.post(`v2/repository/models/${model}/unload`, {})
      expect(status === 200, `Answered ${status}: ${shown(body)}`)
      await becomes(target, model, false)
      const input = { name: 'input', datatype: victim, shape: [1, 4], data: [1, 2, 3, 4] }
      refused(await target.rest.post(`v2/models/${model}/infer`, { inputs: [input] }), 400, 599)
    },
  ),
  must('R5', 'The index still knows it, and does not say READY.', repository('Index'), async (target) => {
    const entry = (await index(target, {})).find(({ name }) => name === `${target.echo}${victim.toLowerCase()}`)
    expect(entry && entry.state !== 'READY', `Its entry is ${shown(entry)}`)
  }),
  must('R6', 'Load of it: 200; it is ready again. An empty body will do.', repository('Load'), async (target) => {
    const model = `${target.echo}${victim.toLowerCase()}`
    const { status, body } = await target.rest.send('POST', `v2/repository/models/${model}/load`)
    expect(status === 200, `Answered ${status}: ${shown(body)}`)
    await becomes(target, model, true)
  }),
  must('R7', 'Load of a model that no repository has is refused.', repository('Load'), async ({ rest }) => {
    refused(await rest.post('v2/repository/models/a-model-that-is-not-there/load', {}))
  }),
  should('R8', 'Unload of a model that is not there is refused.', repository('Unload'), async ({ rest }) => {
    refused(await rest.post('v2/repository/models/a-model-that-is-not-there/unload', {}))
  }),
  must('R10', 'RepositoryIndex over gRPC says what REST says.', repository('Index'), async (target) => {
    const { code, message, response } = await grpcOf(target).call<{ models: Index[] }>('RepositoryIndex', {})
    expect(response, `Answered ${code}: ${message}`)
    const seen = (entries: readonly Index[]): string =>
      JSON.stringify(entries.map(({ name, version, state }) => `${name} ${version ?? ''} ${state}`).sort())
    const rest = await index(target, {})
    expect(seen(response.models) === seen(rest), `gRPC says ${seen(response.models)}, REST ${seen(rest)}`)
  }),
  must(
    'R11',
    'RepositoryModelUnload and RepositoryModelLoad take it away and bring it back.',
    repository('GRPC'),
    async (target) => {
      const model = await echoOf(target, victim)
      const unloaded = await grpcOf(target).call('RepositoryModelUnload', { modelName: model })
      expect(unloaded.code === 'OK', `Unload answered ${unloaded.code}: ${unloaded.message}`)
      await becomes(target, model, false)
      const loaded = await grpcOf(target).call('RepositoryModelLoad', { modelName: model })
      expect(loaded.code === 'OK', `Load answered ${loaded.code}: ${loaded.message}`)
      await becomes(target, model, true)
    },
  ),
  must(
    'R12',
    'RepositoryModelLoad of a model that no repository has is an error.',
    repository('GRPC'),
    async (target) => {
      const { code } = await grpcOf(target).call('RepositoryModelLoad', { modelName: 'a-model-that-is-not-there' })
      expect(code !== 'OK', 'Answered OK')
    },
  ),
]
