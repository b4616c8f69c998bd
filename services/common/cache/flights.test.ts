import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { type Flight, Flights } from './flights.ts'

let flights = new Flights<string>()
let begun: { flight: Flight; resolve: (value: string) => void; reject: (error: Error) => void }[] = []
beforeEach(() => {
  flights = new Flights()
  begun = []
})
const stay = new AbortController().signal
const join = (key: string, fresh = false, signal = stay) =>
  flights.join(key, { fresh, signal }, (flight) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    begun.push({ flight, resolve, reject })
    return promise
  })
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('equal work runs once; other keys, and later calls, run their own', async () => {
  const all = [join('a'), join('a'), join('b')]
  await settled()
  assert.equal(begun.length, 2)
  begun[0]!.resolve('A')
  begun[1]!.resolve('B')
  assert.deepEqual(await Promise.all(all), ['A', 'A', 'B'])
  assert.equal(flights.size, 0)
  void join('a')
  await settled()
  assert.equal(begun.length, 3)
})

test('an error reaches everybody and is not remembered', async () => {
  const all = [join('a'), join('a')]
  await settled()
  begun[0]!.reject(new Error('no'))
  for (const one of all) await assert.rejects(one, /no/)
  const next = join('a')
  await settled()
  begun[1]!.resolve('yes')
  assert.equal(await next, 'yes')
})

test('one who leaves is let go at once; the work goes on for the others and stops after the last', async () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const all = [join('a', false, first.signal), join('a', false, second.signal)]
  await settled()
  first.abort(new Error('gone'))
  await assert.rejects(all[0]!, /gone/)
  assert.equal(begun[0]!.flight.signal.aborted, false)
  second.abort(new Error('gone too'))
  await assert.rejects(all[1]!, /gone too/)
  assert.equal(begun[0]!.flight.signal.aborted, true)
  void join('a')
  await settled()
  assert.equal(begun.length, 2, 'nobody joins what was given up')
  begun[0]!.reject(new Error('cancelled'))
  await settled()
  assert.equal(flights.size, 1, 'the end of the old one does not remove the new one')
})

test('a fresh caller joins only what is fresh and has not departed; anybody joins what is fresh', async () => {
  void join('a')
  void join('a', true)
  void join('a', true)
  await settled()
  assert.equal(begun.length, 2)
  begun[1]!.flight.departed()
  void join('a', true)
  void join('a')
  await settled()
  assert.equal(begun.length, 3)
})

test('a caller who has gone before does not begin anything', async () => {
  await assert.rejects(join('a', false, AbortSignal.abort(new Error('gone'))), /gone/)
  await settled()
  assert.deepEqual([begun.length, flights.size], [0, 0])
})
