import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../../common/log/log.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { FakeClock, settle } from '../testing/fake-clock.ts'
import { UnreachableError } from './errors.ts'
import { fenced } from './fenced.ts'
import { type Fence, Leadership, leaseTimes } from './lease.ts'

const lease = { kind: 'Lease', namespace: 'ngfw', name: 'operator' } as const
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'ngfw' } }

/** Two processes with one server. Each has its own clock, as two machines have. */
function two() {
  const api = new FakeApi()
  const clocks = [new FakeClock(), new FakeClock()] as const
  clocks[1].jump(12_345_678)
  const [a, b] = clocks.map(
    (clock, i) => new Leadership({ api, lease, identity: `p${i}`, clock, log: silentLog, random: () => 0.5 }),
  ) as [Leadership, Leadership]
  const tick = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) for (const clock of clocks) await clock.tick(100)
  }
  return { api, clocks, a, b, tick }
}

const never = new AbortController().signal
const holder = async (api: FakeApi) =>
  ((await api.get(lease))?.spec as { holderIdentity?: string } | undefined)?.holderIdentity

test('one leads for as long as it renews, and the other waits', async () => {
  const { api, a, b, tick } = two()
  const first = await a.acquire(never)
  let second: Fence | undefined
  void b.acquire(never).then((fence) => {
    second = fence
  })
  await tick(120_000)
  assert.ok(first.open)
  assert.equal(second, undefined)
  assert.equal(await holder(api), 'p0')
})

test('a leader that is cut off stops writing before the other begins, whatever their clocks say', async () => {
  const { api, a, b, clocks, tick } = two()
  const first = await a.acquire(never)
  let second: Fence | undefined
  void b.acquire(never).then((fence) => {
    second = fence
  })
  await tick(5_000)
  let cut = true
  api.before = ({ verb }) => {
    // Only the first renews while it leads.
    if (cut && verb === 'replace' && !second && first.open) throw new UnreachableError('cut off')
  }
  let closedFor = 0
  while (!second) {
    await tick(100)
    assert.ok(!(second && first.open), 'both write')
    if (!first.open) closedFor += 100
  }
  cut = false
  // The time that a write of the last moment may take.
  assert.ok(closedFor >= 4_000, `the first had stopped for only ${closedFor} ms`)
  assert.ok(second.epoch > first.epoch)
  const writer = fenced(api, first)
  const calls = api.calls.length
  await assert.rejects(writer.apply(object, { manager: 'm' }), { code: 'NOT_LEADER' })
  await assert.rejects(writer.delete({ kind: 'ConfigMap', namespace: 'ngfw', name: 'a' }, { uid: 'x' }), {
    code: 'NOT_LEADER',
  })
  assert.equal(api.calls.length, calls, 'nothing reached the server')
  assert.equal(clocks.length, 2)
})

test('a process that was stopped does not write when it goes on, though its timers have not fired', async () => {
  const { api, a, clocks } = two()
  const fence = await a.acquire(never)
  clocks[0].jump(leaseTimes.durationMs)
  await assert.rejects(fenced(api, fence).apply(object, { manager: 'm' }), { code: 'NOT_LEADER' })
})

test('a call that is under way ends with the term', async () => {
  const { a, api } = two()
  const fence = await a.acquire(never)
  api.apply = (_object, _options, signal) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  const hanging = fenced(api, fence)
  const write = hanging.apply(object, { manager: 'm' })
  fence.close('It is over.')
  await assert.rejects(write, { code: 'NOT_LEADER' })
})

test('a lease that is given back is taken without waiting', async () => {
  const { api, a, b } = two()
  const fence = await a.acquire(never)
  await a.release()
  assert.ok(!fence.open)
  const second = await b.acquire(never)
  assert.ok(second.open)
  assert.equal(await holder(api), 'p1')
})

test('a renewal whose answer is lost does not end the term', async () => {
  const { api, a, tick } = two()
  const fence = await a.acquire(never)
  let lost = 1
  api.after = ({ verb }) => {
    if (verb === 'replace' && lost-- > 0) throw new UnreachableError('the answer is lost')
  }
  await tick(60_000)
  assert.ok(fence.open)
})

test('of two that want it at once, one gets it', async () => {
  const { a, b, tick } = two()
  const got: string[] = []
  void a.acquire(never).then(() => got.push('a'))
  void b.acquire(never).then(() => got.push('b'))
  await settle()
  await tick(60_000)
  assert.equal(got.length, 1)
})

test('times that would let a last write land under the next leader are refused', () => {
  const api = new FakeApi()
  const times = { durationMs: 10_000, renewWithinMs: 8_000, retryMs: 1_000 }
  assert.throws(
    () => new Leadership({ api, lease, identity: 'p', clock: new FakeClock(), log: silentLog, times }),
    /must be over before another takes its lease/,
  )
})
