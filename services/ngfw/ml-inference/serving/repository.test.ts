import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelEntry } from '../../../common/inference/model-list.ts'
import { silentLog } from '../../../common/log/log.ts'
import { InferenceError } from '../errors.ts'
import { FakeEngine, modelOf } from '../testing/fake-engine.ts'
import { Repository } from './repository.ts'

const entry = (name: string, version: string, sha = 'a'): ModelEntry => ({
  name,
  version,
  uri: new URL('file:///m.onnx'),
  sha256: sha.repeat(64),
  batching: {},
})
const request = {
  id: undefined,
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [1, 2], data: new Float32Array(2) }],
  outputs: [],
  deadlineAt: Number.POSITIVE_INFINITY,
}
const code = (wanted: string) => (error: unknown) => error instanceof InferenceError && error.code === wanted

/** A repository whose loads succeed, fail or wait as the test says. */
function world() {
  const engines = new Map<string, FakeEngine>()
  const failing = new Set<string>()
  const loads: string[] = []
  const repository = new Repository({
    log: silentLog,
    retryMs: 1,
    load: async ({ name, version, sha256 }) => {
      const key = `${name}/${version}/${sha256[0]}`
      loads.push(key)
      if (failing.has(key)) throw new Error('no such file')
      const engine = new FakeEngine()
      engines.set(key, engine)
      return modelOf(engine, { name, version })
    },
  })
  return { repository, engines, failing, loads }
}

test('the newest version that is ready answers who names none', async () => {
  const { repository } = world()
  await repository.set([entry('m', '2'), entry('m', '10'), entry('n', '1')])
  assert.equal(repository.find('m', undefined).version, '10')
  assert.equal(repository.find('m', '').version, '10')
  assert.equal(repository.find('m', '2').version, '2')
  assert.deepEqual(repository.versions('m'), ['2', '10'])
  assert.throws(() => repository.find('m', '3'), code('NOT_FOUND'))
  assert.throws(() => repository.find('x', undefined), code('NOT_FOUND'))
  assert.equal(repository.trouble, undefined)
})

test('a changed list replaces and lets go without failing a request', async () => {
  const { repository, engines, loads } = world()
  await repository.set([entry('m', '1'), entry('gone', '1'), entry('kept', '1')])
  const [old, gone] = [engines.get('m/1/a')!, engines.get('gone/1/a')!]
  for (const engine of [old, gone]) engine.hold()
  const waiting = [repository.find('m', '1').infer(request), repository.find('gone', '1').infer(request)]
  await repository.set([entry('m', '1', 'b'), entry('kept', '1')])
  assert.throws(() => repository.find('gone', '1'), code('NOT_FOUND'))
  await repository.find('m', '1').infer(request)
  assert.deepEqual(engines.get('m/1/b')!.rows, [1])
  assert.deepEqual([old.closed, gone.closed], [false, false])
  for (const engine of [old, gone]) engine.release()
  await Promise.all(waiting)
  await repository.close()
  assert.ok([...engines.values()].every(({ closed }) => closed))
  assert.deepEqual(loads, ['m/1/a', 'gone/1/a', 'kept/1/a', 'm/1/b'])
})

test('a model that cannot be loaded is tried again until it can, and is told of meanwhile', async () => {
  const { repository, failing } = world()
  failing.add('m/1/a')
  await repository.set([entry('m', '1'), entry('n', '1')])
  assert.match(repository.trouble ?? '', /^m\/1 is (UNAVAILABLE|LOADING)/)
  assert.throws(() => repository.find('m', undefined), code('NOT_READY'))
  assert.equal(repository.isReady('m', '1'), false)
  assert.equal(repository.find('n', undefined).name, 'n')
  failing.clear()
  while (!repository.isReady('m', '1')) await new Promise(setImmediate)
  assert.equal(repository.trouble, undefined)
  await repository.close()
})

test('a replacement that cannot be loaded leaves the old one at work', async () => {
  const { repository, failing, engines } = world()
  await repository.set([entry('m', '1')])
  failing.add('m/1/b')
  await repository.set([entry('m', '1', 'b')])
  await repository.find('m', '1').infer(request)
  assert.equal(engines.get('m/1/a')!.rows.length, 1)
  assert.equal(repository.trouble, undefined)
  await repository.close()
})

test('a list with another version of a name: the old one answers until the new one can', async () => {
  const { repository, failing, engines } = world()
  await repository.set([entry('m', '1')])
  failing.add('m/2/a')
  await repository.set([entry('m', '2')])
  assert.equal(repository.find('m', undefined).version, '1')
  assert.equal(repository.find('m', '1').version, '1')
  failing.clear()
  while (!repository.isReady('m', '2')) {
    await repository.find('m', undefined).infer(request)
    await new Promise(setImmediate)
  }
  assert.equal(repository.find('m', undefined).version, '2')
  assert.throws(() => repository.find('m', '1'), code('NOT_FOUND'))
  await repository.set([entry('n', '1')])
  assert.throws(() => repository.find('m', undefined), code('NOT_FOUND'))
  await repository.close()
  assert.ok([...engines.values()].every(({ closed }) => closed))
})

test('a version that was leaving may come back', async () => {
  const { repository, failing, loads } = world()
  await repository.set([entry('m', '1')])
  failing.add('m/2/a')
  await repository.set([entry('m', '2')])
  await repository.set([entry('m', '1')])
  assert.equal(repository.find('m', undefined).version, '1')
  assert.equal(loads.filter((load) => load === 'm/1/a').length, 1)
  await repository.close()
})

test('unload and load: answers what it has, is told so in the index, and is no reason not to be ready', async () => {
  const { repository, engines } = world()
  await repository.set([entry('m', '1'), entry('m', '2')])
  const engine = engines.get('m/2/a')!
  engine.hold()
  const answer = repository.find('m', undefined).infer(request)
  const unloaded = repository.unload('m')
  assert.deepEqual(
    repository.index().map(({ state }) => state),
    ['UNLOADING', 'UNLOADING'],
  )
  assert.throws(() => repository.find('m', undefined), code('NOT_READY'))
  engine.release()
  await Promise.all([answer, unloaded])
  assert.deepEqual(
    repository.index().map(({ state, reason }) => [state, reason]),
    [
      ['UNAVAILABLE', 'unloaded'],
      ['UNAVAILABLE', 'unloaded'],
    ],
  )
  assert.equal(repository.trouble, undefined)
  await repository.load('m')
  assert.equal(repository.isReady('m', '2'), true)
  await assert.rejects(repository.load('x'), code('NOT_FOUND'))
  await assert.rejects(repository.unload('x'), code('NOT_FOUND'))
  await repository.close()
})
