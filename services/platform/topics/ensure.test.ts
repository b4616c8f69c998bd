import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environments } from '../../../policies/environments.ts'
import type { Admin, TopicDescription } from '../../common/bus/bus.ts'
import { silentLog } from '../../common/log/log.ts'
import { ensureTopics } from './ensure.ts'
import { wantedTopics } from './plan.ts'

/** A cluster in memory whose brokers begin to answer after some calls. */
function cluster(deafFor = 0, existing: TopicDescription[] = []) {
  const calls: string[] = []
  let deaf = deafFor
  const admin: Admin = {
    brokers: async () => {
      if (deaf-- > 0) throw new Error('no broker answers')
      return 1
    },
    describe: async (names) => existing.filter(({ name }) => names.includes(name)),
    create: async (topics) => {
      calls.push(...topics.map(({ name }) => `create ${name}`))
      existing.push(...topics)
    },
    configure: async (name, config) => {
      calls.push(`configure ${name}`)
      const at = existing.findIndex((topic) => topic.name === name)
      existing[at] = { ...existing[at]!, config }
    },
    close: async () => {},
  }
  return { admin, calls, existing }
}

const wanted = wantedTopics(environments.local)
const ensure = ({ admin }: { admin: Admin }, attempts = 3) =>
  ensureTopics({ admin, wanted, log: silentLog, attempts, pauseMs: 0 })

test('waits for the brokers, creates, and does nothing the second time', async () => {
  const it = cluster(2)
  await ensure(it)
  await ensure(it)
  assert.deepEqual(
    it.calls,
    wanted.map(({ name }) => `create ${name}`),
  )
})

test('corrects a setting', async () => {
  const it = cluster(0, [...wanted.map((topic) => ({ ...topic, config: {} }))])
  await ensure(it)
  assert.deepEqual(
    it.calls,
    wanted.map(({ name }) => `configure ${name}`),
  )
})

test('gives up after the last attempt with what the brokers said', async () => {
  await assert.rejects(ensure(cluster(3)), /no broker answers/)
})

test('refuses other partitions at once and changes nothing', async () => {
  const it = cluster(0, [{ ...wanted[0]!, partitions: 3 }])
  await assert.rejects(ensure(it, 1_000), /never grown or shrunk in place/)
  assert.deepEqual(it.calls, [])
})
