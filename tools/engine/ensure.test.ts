import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type EnsureOptions, ensure, parseArtefact } from './ensure.ts'
import { EngineError, Unavailable } from './error.ts'
import { Ear, emptyLock, fakePin, writeProgram } from './test/fake.ts'
import { script, temp } from './test/temp.ts'

const pins = { etcd: fakePin('etcd'), coredns: fakePin('coredns') }
const options = (cacheRoot: string, more: EnsureOptions = {}): EnsureOptions => ({
  cacheRoot,
  pins,
  lock: emptyLock,
  environment: { PATH: '' },
  makeFrom: async (_source, making) => writeProgram(making),
  ...more,
})
const leftovers = (root: string) => readdirSync(join(root, 'artefacts')).filter((name) => name.startsWith('.'))

test('makes what is missing, then finds it', async (t) => {
  const root = temp(t)
  const tools = await ensure('all', options(root))
  assert.equal(tools.bin('etcd'), join(tools.path('etcd'), 'etcd'))
  const again = await ensure(['etcd'], options(root, { makeFrom: () => assert.fail('made again') }))
  assert.equal(again.path('etcd'), tools.path('etcd'))
  assert.deepEqual(leftovers(root), [])
})

test('a toolchain knows what it holds', async (t) => {
  const tools = await ensure(['etcd'], options(temp(t)))
  assert.throws(() => tools.path('coredns'), { code: 'UNKNOWN_ARTEFACT', message: /'coredns' was not asked for/ })
  assert.throws(() => tools.bin('coredns'), { code: 'UNKNOWN_ARTEFACT' })
  assert.throws(() => tools.bin('vim'), { code: 'UNKNOWN_EXECUTABLE', message: /no.* program 'vim'/i })
  assert.throws(() => parseArtefact('ectd'), {
    message: /There is no artefact 'ectd'; there are: kubernetes, pulumi, etcd/,
  })
})

test('two runs at once make it once', async (t) => {
  const root = temp(t)
  let made = 0
  const makeFrom: EnsureOptions['makeFrom'] = async (_source, making) => {
    made++
    await new Promise(setImmediate)
    writeProgram(making)
  }
  const ears = [new Ear(), new Ear()]
  await Promise.all(ears.map((listener) => ensure(['etcd'], options(root, { makeFrom, listener }))))
  assert.equal(made, 1)
  assert.match(ears[1]?.said[0] ?? '', /^etcd: process \d+ is making it; waiting for that\.$/)
})

test('the next source is asked, and the reason is said', async (t) => {
  const etcd = fakePin('etcd', {
    sources: [
      { kind: 'vendor', url: 'http://x', sha512: '', folder: '' },
      { kind: 'debian', packages: [] },
    ],
  })
  const listener = new Ear()
  const makeFrom: EnsureOptions['makeFrom'] = async (source, making) => {
    if (source.kind === 'vendor') throw new Unavailable('x answered 404')
    writeProgram(making)
  }
  await ensure(['etcd'], options(temp(t), { pins: { etcd }, makeFrom, listener }))
  assert.deepEqual(listener.said, ['etcd: x answered 404; asking the next source.'])
  assert.equal(listener.ended[0]?.doing, 'from debian')
})

test('when no source has it, one error gives every reason and the way out', async (t) => {
  const root = temp(t)
  const program = { ask: [], answer: /x/ }
  const withFound = { ...pins, etcd: fakePin('etcd', { found: { etcd: program } }) }
  const makeFrom = async () => {
    throw new Unavailable('Go is missing. Install Go.')
  }
  await assert.rejects(ensure(['etcd'], options(root, { pins: withFound, makeFrom })), {
    code: 'NO_SOURCE',
    message:
      'No source has etcd 1.2.3:\n  - debian: Go is missing. Install Go.\n' +
      'Or put etcd of version 1.2 into a folder and name it: NEURODEFENDER_TOOLS=/that/folder',
  })
  await assert.rejects(ensure('all', options(root, { makeFrom })), {
    message: /^2 artefacts failed\.\nNo source has etcd/,
  })
  assert.deepEqual(leftovers(root), [])
})

test('a full disk stops the rest and says what to do', async (t) => {
  const root = temp(t)
  const makeFrom: EnsureOptions['makeFrom'] = (_source, { id, signal }) =>
    id === 'etcd'
      ? Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' }))
      : new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  await assert.rejects(ensure('all', options(root, { makeFrom })), {
    code: 'DISK_FULL',
    message: /NEURODEFENDER_CACHE/,
  })
  const huge = { etcd: fakePin('etcd', { size: '999999Ti' }) }
  await assert.rejects(ensure('all', options(root, { pins: huge })), {
    code: 'DISK_FULL',
    message: /takes about .* MB left/,
  })
})

test('an interrupt keeps nothing half-made', async (t) => {
  const root = temp(t)
  const stop = new AbortController()
  const makeFrom: EnsureOptions['makeFrom'] = async (_source, making) => {
    writeProgram(making)
    stop.abort()
    throw new EngineError('INTERRUPTED', 'x')
  }
  await assert.rejects(ensure(['etcd'], options(root, { makeFrom, signal: stop.signal })), { code: 'INTERRUPTED' })
  assert.deepEqual(readdirSync(join(root, 'artefacts')), [])
  assert.deepEqual(readdirSync(join(root, 'locks')), [])
})

test('a program that is not there is a mistake in the pins', async (t) => {
  await assert.rejects(ensure(['etcd'], options(temp(t), { makeFrom: async () => {} })), {
    code: 'DOES_NOT_RUN',
    message: /etcd was made without etcd/,
  })
})

test('a folder that the user names goes before the cache, where the version fits', async (t) => {
  const root = temp(t)
  const mine = temp(t)
  const found = { etcd: { ask: ['--version'], answer: /([\d.]+)/ } }
  const withFound = { etcd: fakePin('etcd', { found }) }
  await ensure(['etcd'], options(root, { pins: withFound }))
  const environment = { PATH: '', NEURODEFENDER_TOOLS: mine }
  const go = async () => {
    const listener = new Ear()
    const tools = await ensure(['etcd'], options(root, { pins: withFound, environment, listener }))
    return { said: listener.said, path: tools.path('etcd') }
  }
  script(join(mine, 'etcd'), 'echo 1.3.0')
  assert.deepEqual((await go()).said, [`etcd: etcd in ${mine} is 1.3.0, not 1.2; looking elsewhere.`])
  script(join(mine, 'etcd'), 'echo etcd 1.2.9')
  const first = await go()
  assert.deepEqual(first.said, [`etcd: using etcd from ${mine}.`])
  assert.deepEqual(await go(), { said: [], path: first.path })
})
