import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../../common/log/log.ts'
import { FakeApi } from '../testing/fake-api.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { seed } from '../testing/fixtures.ts'
import { Events } from './events.ts'

const text = { type: 'Warning', reason: 'Refused', action: 'Reconcile', note: 'No.' } as const
const events = (api: FakeApi, clock: FakeClock) =>
  new Events({ api, clock, log: silentLog, controller: 'neurodefender.io/operator', instance: 'p' })
const written = (api: FakeApi) => api.all().filter(({ kind }) => kind === 'Event')
const countOf = (api: FakeApi) => (written(api)[0]?.series as { count?: number } | undefined)?.count

test('the same event is one object that counts, also after a restart', async () => {
  const api = new FakeApi()
  const clock = new FakeClock()
  const first = events(api, clock)
  for (let i = 0; i < 10; i++) await first.tell(seed(), text)
  assert.equal(written(api).length, 1)
  assert.equal(api.calls.length, 1, 'within a minute it is only counted')
  await clock.tick(60_000)
  await first.tell(seed(), text)
  assert.deepEqual(countOf(api), 11)
  await events(api, clock).tell(seed(), text)
  assert.deepEqual(countOf(api), 12)
  await first.tell(seed(), { ...text, note: 'Never.' })
  assert.equal(written(api).length, 2)
})

test('an event that cannot be written stops nobody', async () => {
  const api = new FakeApi()
  api.before = () => {
    throw new Error('down')
  }
  await events(api, new FakeClock()).tell(seed(), text)
  assert.equal(written(api).length, 0)
})
