import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import { HotTierError } from './errors.ts'
import { ClickHouseHotTier, events, hotTierError } from './hot-tier.ts'

const said = (code: string, type = 'X') => new ClickHouseError({ message: 'Cannot parse "secret row"', code, type })

test('an answer is taken by its number: what passes, what is missing, what is refused', () => {
  assert.equal(hotTierError(said('202')).code, 'UNAVAILABLE')
  assert.equal(hotTierError(said('60')).code, 'NO_TABLE')
  assert.equal(hotTierError(said('81')).code, 'NO_TABLE')
  const refused = hotTierError(said('27', 'CANNOT_PARSE_INPUT_ASSERTION_FAILED'))
  assert.deepEqual([refused.code, refused.passesSoon], ['REFUSED', false])
  assert.equal(refused.message, 'The hot tier answered with error 27 (CANNOT_PARSE_INPUT_ASSERTION_FAILED).')
  assert.equal(refused.cause, undefined)
  for (const error of [
    Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    new Error('Timeout error.'),
    undefined,
  ]) {
    const { code, passesSoon } = hotTierError(error)
    assert.deepEqual([code, passesSoon], ['UNAVAILABLE', true])
  }
})

test('a full disk is told from other trouble, and the sentence says what to do', () => {
  const full = (code: string, message: string) => hotTierError(new ClickHouseError({ message, code, type: 'X' }))
  for (const error of [
    full('243', 'Cannot reserve 1.00 MiB, not enough space.'),
    full('75', 'Cannot write to file /data/db/secret.bin: , errno: 28, strerror: No space left on device'),
    full('1001', 'std::filesystem::filesystem_error: in create_directories: No space left on device'),
  ]) {
    assert.deepEqual([error.code, error.passesSoon, error.cause], ['DISK_FULL', true, undefined])
    assert.match(error.message, /disk is full\. Free space .* or enlarge its volume/)
    assert.doesNotMatch(error.message, /secret/)
  }
  assert.equal(full('75', 'Cannot write to file: , errno: 5, strerror: Input/output error').code, 'REFUSED')
  assert.equal(full('27', 'Cannot parse "No space left on device"').code, 'REFUSED')
})

test('batches are asked for as parameters, so many at a time', async () => {
  const asked: { query: string; ids: number }[] = []
  const client = {
    query: async ({ query, query_params }: { query: string; query_params: { ids: unknown[] } }) => {
      asked.push({ query, ids: query_params.ids.length })
      return { json: async () => [{ tenant: 't', batch: 'b', lines: [asked.length] }] }
    },
  } as unknown as ClickHouseClient
  const tier = new ClickHouseHotTier({ client, table: events, createStatements: [] })
  const batches = Array.from({ length: 2_001 }, (_, i) => ({ tenant: "evil'tenant", batch: `${i}` }))
  const found = await tier.stored(batches, new AbortController().signal)
  assert.deepEqual(
    asked.map(({ ids }) => ids),
    [1_000, 1_000, 1],
  )
  assert.deepEqual(
    found.map(({ lines }) => lines[0]),
    [1, 2, 3],
  )
  assert.doesNotMatch(asked[0]!.query, /evil/)
})

test('a signal that has fired is the reason, not a failure of the hot tier', async () => {
  const ended = new AbortController()
  const client = {
    command: async () => {
      ended.abort(new Error('over'))
      throw said('202')
    },
  } as unknown as ClickHouseClient
  const tier = new ClickHouseHotTier({ client, table: events, createStatements: ['CREATE'] })
  await assert.rejects(tier.prepare(ended.signal), /over/)
  await assert.rejects(tier.prepare(ended.signal), /over/)
  await assert.rejects(
    new ClickHouseHotTier({
      client: { command: () => Promise.reject(said('60')) } as unknown as ClickHouseClient,
      table: events,
      createStatements: ['CREATE'],
    }).prepare(new AbortController().signal),
    (error: unknown) => error instanceof HotTierError && error.code === 'NO_TABLE',
  )
})
