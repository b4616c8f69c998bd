import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredBatch } from './duplicates.ts'
import { HotTierError } from './errors.ts'
import type { HotTier } from './hot-tier.ts'
import { ReplicatedHotTier } from './replicated-hot-tier.ts'

const row: readonly StoredBatch[] = [{ tenant: 't', batch: 'b', lines: [1] }]
const asked = [{ tenant: 't', batch: 'b' }]
const never = new AbortController().signal
const away = () => Promise.reject(new HotTierError('UNAVAILABLE', 'away'))
const writer: Pick<HotTier, 'prepare' | 'insert'> = { prepare: async () => {}, insert: async () => {} }

const tierOf = (quorum: number, ...answers: ((signal: AbortSignal) => Promise<readonly StoredBatch[]>)[]) =>
  new ReplicatedHotTier({
    writer,
    quorum,
    replicas: answers.map((answer) => ({ stored: (_, signal) => answer(signal) })),
  })

/** Answers nothing until it is told that nobody waits any more. */
function silent() {
  const released = Promise.withResolvers<void>()
  const answer = (signal: AbortSignal) =>
    new Promise<readonly StoredBatch[]>((_, reject) =>
      signal.addEventListener('abort', () => {
        released.resolve()
        reject(signal.reason)
      }),
    )
  return { answer, released: released.promise }
}

test('enough replicas that agree decide at once, and the slow one is let go', async () => {
  const slow = silent()
  const tier = tierOf(
    2,
    async () => row,
    slow.answer,
    async () => row,
  )
  assert.deepEqual(await tier.stored(asked, never), row)
  await slow.released
})

test('where two replicas differ, the third is waited for', async () => {
  const third = Promise.withResolvers<readonly StoredBatch[]>()
  const tier = tierOf(
    2,
    async () => row,
    async () => [],
    () => third.promise,
  )
  const answer = tier.stored(asked, never)
  third.resolve(row)
  assert.deepEqual(await answer, row)
})

test('a row of an insert that no quorum had is neither left out nor inserted again', async () => {
  const limbo = tierOf(
    2,
    async () => row,
    async () => [],
    async () => [],
  )
  await assert.rejects(limbo.stored(asked, never), { code: 'UNSETTLED' })
})

test('a replica that is away is done without, a second one is not', async () => {
  assert.deepEqual(
    await tierOf(
      2,
      away,
      async () => [],
      async () => [],
    ).stored(asked, never),
    [],
  )
  await assert.rejects(tierOf(2, away, away, async () => []).stored(asked, never), {
    code: 'UNAVAILABLE',
    message: '1 of 3 replicas answered; 2 are needed to know what is stored.',
  })
})

test('the end of a block ends the asking, with its reason', async () => {
  const ended = new AbortController()
  const slow = silent()
  const answer = tierOf(2, slow.answer, silent().answer).stored(asked, ended.signal)
  ended.abort(new Error('over'))
  await assert.rejects(answer, /over/)
  await assert.rejects(tierOf(2, away).stored(asked, ended.signal), /over/)
})
