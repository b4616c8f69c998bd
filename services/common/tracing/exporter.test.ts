import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { silentLog } from '../log/log.ts'
import { type Destination, type ExporterOptions, type Outcome, SpanExporter } from './exporter.ts'
import type { Span } from './span.ts'
import { Tracer } from './tracer.ts'

type Limits = ExporterOptions['limits']

const usual: Limits = { waiting: 100, batch: 10, lingerMs: 1, timeoutMs: 1_000, giveUpMs: 1_000 }

const namesIn = (request: string): string[] =>
  JSON.parse(request).resourceSpans[0].scopeSpans[0].spans.map(({ name }: Span) => name)

function exporter(send: Destination['send'], limits: Partial<Limits> = {}) {
  const counts = { exported: 0, unavailable: 0, refused: 0, full: 0, stopped: 0 }
  const sent: string[][] = []
  let closed = 0
  const made = new SpanExporter({
    destination: {
      send: (request, signal) => {
        sent.push(namesIn(request))
        return send(request, signal)
      },
      close: () => {
        closed++
      },
    },
    resource: { 'service.name': 'test' },
    limits: { ...usual, ...limits },
    counts: {
      exported: (spans) => {
        counts.exported += spans
      },
      dropped: (why, spans) => {
        counts[why] += spans
      },
    },
    log: silentLog,
  })
  const tracer = new Tracer({ oneIn: 1, perSecond: 1e9, burst: 1e9, export: (span) => made.add(span) })
  const add = (count: number) => {
    for (let i = 0; i < count; i++) tracer.begin(`span ${i}`)!.finish()
  }
  return { made, add, counts, sent, closed: () => closed }
}

const taken: Outcome = { is: 'taken', rejected: 0 }
const untilAborted = (_: string, signal: AbortSignal) =>
  new Promise<Outcome>((resolve) => {
    const end = () => resolve({ is: 'later', reason: 'TIMEOUT' })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })

test('spans go in batches, in order, and the rest with the end', async () => {
  const { made, add, counts, sent, closed } = exporter(async () => taken, { lingerMs: 60_000 })
  add(25)
  await made.close(1_000)
  assert.deepEqual(
    sent.map(({ length }) => length),
    [10, 10, 5],
  )
  assert.deepEqual(
    sent.flat(),
    Array.from({ length: 25 }, (_, i) => `span ${i}`),
  )
  assert.deepEqual([counts.exported, made.waiting, closed()], [25, 0, 1])
  add(1)
  assert.equal(counts.stopped, 1)
})

test('where nobody answers, adding goes on at once, and what has no room is dropped and counted', async () => {
  const { made, add, counts } = exporter(untilAborted)
  add(1_000)
  assert.deepEqual([made.waiting, counts.full], [100, 900])
  await made.close(1)
  assert.equal(counts.stopped + counts.unavailable, 100)
  assert.equal(counts.exported, 0)
})

test('what may come right is sent again, the same; what is refused is not', async () => {
  const outcomes: Outcome[] = [{ is: 'later', reason: 'HTTP_503' }, taken, { is: 'never', reason: 'HTTP_400' }]
  const settled = Promise.withResolvers<void>()
  const { made, add, counts, sent } = exporter(async () => {
    const outcome = outcomes.shift()!
    if (outcomes.length === 0) settled.resolve()
    return outcome
  })
  add(10)
  add(10)
  await settled.promise
  await made.close(1_000)
  assert.deepEqual(sent[0], sent[1])
  assert.deepEqual([counts.exported, counts.refused], [10, 10])
})

test('what part of an export is refused is counted so', async () => {
  const { made, add, counts } = exporter(async () => ({ is: 'taken', rejected: 3 }))
  add(10)
  await made.close(1_000)
  assert.deepEqual([counts.exported, counts.refused], [7, 3])
})

test('law: whatever the other side does, every span is exported or counted as dropped, once', async () => {
  const outcome = fc.oneof(
    fc.constant(taken),
    fc.constant<Outcome>({ is: 'never', reason: 'HTTP_413' }),
    fc.constant<Outcome>({ is: 'later', reason: 'HTTP_429', afterMs: 1 }),
    fc.nat({ max: 20 }).map((rejected): Outcome => ({ is: 'taken', rejected })),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(outcome),
      fc.array(fc.nat({ max: 40 }), { maxLength: 8 }),
      fc.record({ waiting: fc.integer({ min: 20, max: 60 }), batch: fc.integer({ min: 1, max: 10 }) }),
      async (outcomes, adds, limits) => {
        const { made, add, counts } = exporter(async () => outcomes.shift() ?? taken, { ...limits, giveUpMs: 1 })
        for (const count of adds) {
          add(count)
          assert.ok(made.waiting <= limits.waiting)
          await new Promise((resolve) => setImmediate(resolve))
        }
        await made.close(1_000)
        const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
        assert.equal(
          all,
          adds.reduce((sum, count) => sum + count, 0),
        )
      },
    ),
    { numRuns: 50 },
  )
})
