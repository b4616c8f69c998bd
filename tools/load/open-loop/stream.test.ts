import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../../services/common/testing/random.ts'
import { EventStream, type OpenBatch } from './stream.ts'
import { template } from './template.ts'

const make = (kind: string, canary: boolean) =>
  template({ TimeCreated: '', Channel: kind, EventID: 1, Hostname: '' }, { lean: true, canary })

const stream = (canaryEvery: number) =>
  new EventStream({
    background: [make('a', false), make('b', false)],
    canaries: [make('c', true), make('d', true)],
    canaryEvery,
    weights: [3, 1],
    hostsPerTenant: 10,
    batch: { events: 5, milliseconds: 30 },
    random: seeded(3),
  })

const lines = ({ body, length }: OpenBatch) =>
  body
    .toString('utf8', 0, length)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)

test('every event given is in exactly one batch, in order within its tenant, canaries where they are said to be', () => {
  const from = stream(10)
  const batches: OpenBatch[] = []
  for (let due = 1_000; due < 2_000; due++) {
    const done = from.add(due)
    if (done) batches.push(done)
  }
  batches.push(...from.ripe(Number.POSITIVE_INFINITY))
  assert.equal(
    batches.reduce((sum, { events }) => sum + events, 0),
    1_000,
  )
  assert.equal(from.canaries, 100)
  for (const batch of batches) {
    const read = lines(batch)
    assert.equal(read.length, batch.events)
    const times = read.map(({ TimeCreated = '' }) => TimeCreated)
    assert.deepEqual(times, times.toSorted())
    const marked = read.flatMap(({ canary }, line) => (canary === undefined ? [] : [line]))
    assert.deepEqual(
      batch.canaries.map(({ line }) => line),
      marked,
    )
    for (const { line, kind } of batch.canaries) assert.equal(read[line]?.Channel, kind === 0 ? 'c' : 'd')
  }
})

test('a batch is ripe when its first event is old enough, and then gone', () => {
  const from = stream(0)
  from.add(1_000)
  assert.deepEqual([...from.ripe(1_029)], [])
  assert.equal([...from.ripe(1_030)].length, 1)
  assert.deepEqual([...from.ripe(9_999)], [])
})

test('a recycled buffer is used again', () => {
  const from = stream(0)
  from.add(1)
  const [first] = [...from.ripe(Number.POSITIVE_INFINITY)]
  assert.ok(first)
  from.recycle(first)
  from.add(2)
  const [second] = [...from.ripe(Number.POSITIVE_INFINITY)]
  assert.equal(second?.body, first.body)
})
