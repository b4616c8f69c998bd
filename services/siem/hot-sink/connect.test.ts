import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import { storage } from '../../../policies/storage.ts'
import { connectHotTier } from './connect.ts'

interface Sent {
  readonly host: string
  readonly query: string
  readonly settings: Readonly<Record<string, unknown>> | undefined
}

/** Clients that keep what they are given. */
function recorded(answers: (sent: Sent) => unknown = () => []) {
  const sent: Sent[] = []
  const client = ({ host }: URL) => {
    const take = async ({ query, clickhouse_settings }: { query: string; clickhouse_settings?: Sent['settings'] }) => {
      const one = { host, query, settings: clickhouse_settings }
      sent.push(one)
      const answer = await answers(one)
      return { json: async () => answer, stream: [] }
    }
    return { command: take, query: take, exec: take } as unknown as ClickHouseClient
  }
  return { sent, client }
}

const cluster = {
  name: 'events',
  insertQuorum: 2,
  replicas: ['a', 'b', 'c'].map((name) => new URL(`https://${name}.example`)),
}
const common = { url: new URL('https://any.example'), region: 'us-east-1', hot: storage.hot, quorumTimeoutMs: 10_000 }
const noRows = Buffer.alloc(0)
const never = new AbortController().signal

test('one server: its own table, its own settings, nothing of replicas', async () => {
  const { sent, client } = recorded()
  const tier = connectHotTier({ ...common, client, cluster: undefined })
  await tier.prepare(never)
  await tier.insert('token', noRows, never)
  assert.deepEqual(sent.at(-1)!.settings, { insert_deduplication_token: 'token', wait_end_of_query: 1 })
  assert.equal(sent[0]!.settings, undefined)
  assert.doesNotMatch(sent.map(({ query }) => query).join(), /CLUSTER|Replicated/)
})

test('replicas: made everywhere without waiting for one that is away', async () => {
  const { sent, client } = recorded(() => [{ outdated: 0 }])
  await connectHotTier({ ...common, client, cluster }).prepare(never)
  assert.equal(sent.length, 3)
  assert.match(sent[2]!.query, /AS outdated$/)
  for (const { host, query, settings } of sent.slice(0, 2)) {
    assert.equal(host, 'any.example')
    assert.match(query, /^CREATE (DATABASE|TABLE) IF NOT EXISTS \S+ ON CLUSTER 'events'/)
    assert.equal(settings?.distributed_ddl_output_mode, 'null_status_on_timeout')
  }
})

test('a table of an earlier version is upgraded, its projection last; on replicas everywhere', async () => {
  for (const [of, where] of [
    [undefined, ''],
    [cluster, " ON CLUSTER 'events'"],
  ] as const) {
    const { sent, client } = recorded(() => [{ outdated: 1 }])
    await connectHotTier({ ...common, client, cluster: of }).prepare(never)
    const steps = sent.slice(3).map(({ query }) => query)
    assert.ok(steps.every((query) => query.startsWith(`ALTER TABLE siem.events${where} `)))
    assert.match(
      steps[0]!,
      / ADD COLUMN IF NOT EXISTS tenant LowCardinality\(String\) FIRST, ADD COLUMN IF NOT EXISTS arrival /,
    )
    assert.match(steps.at(-1)!, / DROP PROJECTION IF EXISTS identity$/)
  }
})

test('replicas: an insert is one part, confirmed by a quorum, under a token of its region', async () => {
  const { sent, client } = recorded()
  await connectHotTier({ ...common, client, cluster }).insert('events.raw:1:0-5/00', noRows, never)
  assert.deepEqual(sent[0]!.settings, {
    insert_quorum: '2',
    insert_quorum_parallel: 1,
    insert_quorum_timeout: 10_000,
    insert_deduplicate: 1,
    async_insert: 0,
    insert_deduplication_token: 'us-east-1/events.raw:1:0-5/00',
    wait_end_of_query: 1,
  })
})

test('replicas: each is asked by itself what it has, and in which part', async () => {
  const { sent, client } = recorded(() => [{ tenant: 't', batch: 'b', lines: [0] }])
  const stored = await connectHotTier({ ...common, client, cluster }).stored([{ tenant: 't', batch: 'b' }], never)
  assert.deepEqual(stored, [{ tenant: 't', batch: 'b', lines: [0] }])
  assert.deepEqual(sent.map(({ host }) => host).sort(), ['a.example', 'b.example', 'c.example'])
  for (const { query } of sent)
    assert.match(query, new RegExp(`FROM ${storage.hot.database}\\.${storage.hot.table}\\s`))
})

test('replicas: an insert whose end is not known is tried again; a replica of that name elsewhere is not', async () => {
  const codeOf = async (code: string) => {
    const { client } = recorded(() => {
      throw new ClickHouseError({ code, type: 'X', message: 'x' })
    })
    return await connectHotTier({ ...common, client, cluster })
      .insert('token', noRows, never)
      .then(
        () => 'none',
        (error: { code: string }) => error.code,
      )
  }
  for (const passing of ['285', '286', '289', '319', '242', '254', '999'])
    assert.equal(await codeOf(passing), 'UNAVAILABLE', passing)
  assert.equal(await codeOf('253'), 'REFUSED')
})
