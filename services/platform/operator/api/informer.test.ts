import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../../../common/log/log.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { FakeClock, settle } from '../testing/fake-clock.ts'
import { UnreachableError } from './errors.ts'
import { Informer, type Restart } from './informer.ts'
import { type KubeObject, keyOf } from './object.ts'

const configMap = (name: string, data: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ngfw' },
  data: { data },
})

function watching(api = new FakeApi(), random = () => 0.5) {
  const clock = new FakeClock()
  const restarts: Restart[] = []
  const told: string[] = []
  const informer = new Informer({
    api,
    kind: 'ConfigMap',
    namespace: 'ngfw',
    clock,
    log: silentLog,
    random,
    changed: (key, now, before) => told.push(`${now ? (before ? 'changed' : 'came') : 'went'} ${key}`),
    restarted: (why) => restarts.push(why),
  })
  return { api, clock, restarts, told, informer }
}

const put = (api: FakeApi, name: string, data: string) => api.apply(configMap(name, data), { manager: 'test' })
const drop = async (api: FakeApi, name: string) => {
  const object = await api.get({ kind: 'ConfigMap', namespace: 'ngfw', name })
  if (object?.metadata.uid)
    await api.delete({ kind: 'ConfigMap', namespace: 'ngfw', name }, { uid: object.metadata.uid })
}
const content = (objects: readonly KubeObject[]) =>
  objects.map((object) => [keyOf(object), object.metadata.resourceVersion]).toSorted()

test('whatever happens to the watch, the store becomes what the server has', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), name: fc.constantFrom('a', 'b', 'c'), data: fc.string() }),
    fc.record({ do: fc.constant('drop' as const), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constantFrom('cut', 'expire', 'compact', 'bookmark', 'fail', 'wait') }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { api, clock, informer } = watching()
      informer.start()
      await clock.tick(0)
      let failures = 0
      api.before = ({ verb }) => {
        if ((verb === 'watch' || verb === 'list') && failures > 0) {
          failures--
          throw new UnreachableError('cut off')
        }
      }
      for (const one of steps) {
        if (one.do === 'put' && 'data' in one) await put(api, one.name, one.data)
        if (one.do === 'drop' && 'name' in one) await drop(api, one.name)
        if (one.do === 'cut') api.cut()
        if (one.do === 'expire') api.cut({ code: 410, reason: 'Expired' })
        if (one.do === 'compact') api.compact()
        if (one.do === 'bookmark') api.bookmark()
        if (one.do === 'fail') failures += 2
        if (one.do === 'wait') await clock.tick(500)
      }
      // Longer than every pause together.
      await clock.tick(200_000)
      assert.deepEqual(content(informer.all()), content(api.all()))
      assert.equal(api.watches, 1)
      await informer.stop()
    }),
    { numRuns: 60 },
  )
})

test('a deletion that nobody saw is told after the next list', async () => {
  const { api, clock, told, informer, restarts } = watching()
  await put(api, 'a', '1')
  informer.start()
  await clock.tick(0)
  let down = true
  api.before = ({ verb }) => {
    if (verb === 'watch' && down) throw new UnreachableError('down')
  }
  api.cut()
  await drop(api, 'a')
  api.compact()
  await clock.tick(1_000)
  down = false
  await clock.tick(60_000)
  assert.deepEqual(told, ['came ngfw/a', 'went ngfw/a'])
  assert.ok(restarts.includes('expired'))
  await informer.stop()
})

test('a bookmark saves the list after a compaction', async () => {
  const { api, clock, informer, restarts } = watching()
  informer.start()
  await clock.tick(0)
  await put(api, 'a', '1')
  // Elsewhere much happened, of which this watch sees nothing but a bookmark.
  await api.apply({ ...configMap('other', '1'), kind: 'Service' }, { manager: 'test' })
  api.bookmark()
  await settle()
  api.compact()
  api.cut()
  await clock.tick(10_000)
  const lists = api.calls.filter(({ verb }) => verb === 'list').length
  assert.equal(lists, 1)
  assert.deepEqual(restarts, ['closed'])
  await informer.stop()
})

test('a server that refuses for minutes is asked seldom, and one that closes every watch at once too', async () => {
  for (const storm of ['refuse', 'close', 'expire'] as const) {
    const { api, clock, informer } = watching()
    informer.start()
    await clock.tick(0)
    api.calls.length = 0
    api.before = ({ verb }) => {
      if (verb !== 'watch') return
      if (storm === 'refuse') throw new UnreachableError('refused')
      setImmediate(() => api.cut(storm === 'expire' ? { code: 410, reason: 'Expired' } : undefined))
    }
    api.cut()
    await clock.tick(300_000)
    const asked = api.calls.length
    assert.ok(asked > 5 && asked < 60, `${storm}: ${asked} calls in five minutes`)
    await informer.stop()
  }
})

test('a kind that is not defined is like an empty one, and is found once it is', async () => {
  const { api, clock, told, informer, restarts } = watching()
  api.missing.add('ConfigMap')
  informer.start()
  await clock.tick(90_000)
  assert.ok(restarts.every((why) => why === 'missing'))
  api.missing.clear()
  await put(api, 'a', '1')
  await clock.tick(60_000)
  assert.deepEqual(told, ['came ngfw/a'])
  await informer.stop()
})
