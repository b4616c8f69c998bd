import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOptions } from './options.ts'
import { progressLine, showHistory, showOffer } from './show.ts'

const bodyOf = (...args: string[]) => {
  const options = parseOptions(args)
  return options === 'help' ? options : options.change
}

test('arguments become what the manager is asked', () => {
  assert.deepEqual(bodyOf('plan', '--weight', '1=2', '--weight', '0=0.5', '--cause', 'x'), {
    cause: 'x',
    weights: { 0: 0.5, 1: 2 },
  })
  assert.deepEqual(bodyOf('isolate', 'acme'), { cause: 'isolate acme', place: [{ tenant: 'acme', class: 'isolated' }] })
  assert.deepEqual(bodyOf('isolate', 'acme', '--class', 'giant', '--region', 'us-east-1'), {
    cause: 'isolate acme',
    place: [{ tenant: 'acme', class: 'giant', region: 'us-east-1' }],
  })
  assert.deepEqual(bodyOf('release', 'acme'), { cause: 'release acme', release: ['acme'] })
  assert.equal(bodyOf(), 'help')
})

test('what is used wrongly is said', () => {
  const bad: readonly [string[], RegExp][] = [
    [['move'], /no command 'move': show, plan/],
    [['isolate'], /isolate takes one TENANT/],
    [['show', 'acme'], /show takes no 'acme'/],
    [['plan', '--weight', '1'], /must be SHARD=WEIGHT/],
    [['plan', '--wait'], /--wait/],
    [['show', '--url', 'https://x'], /go together/],
  ]
  for (const [args, says] of bad)
    assert.throws(
      () => parseOptions(args),
      (e: { code: string; message: string }) => e.code === 'USAGE' && says.test(e.message),
    )
})

test('what people are shown', () => {
  const move = { slot: 1, from: 0, to: 1, phase: 'copy' } as const
  const rebalance = { id: 'r2', cause: 'x', total: 9, done: 2, aborted: 1, waiting: 4, aborting: true }
  assert.equal(progressLine({ version: 3, moves: [] }), 'version 3: nothing is under way')
  assert.equal(
    progressLine({ version: 3, moves: [move, { ...move, phase: 'drain' }], rebalance }),
    'r2 (giving up): 2 of 9 done, 1 given up, 4 waiting, 1 copy, 1 drain (version 3)',
  )
  const row = { shard: 0, weight: 1, load: 0.25, fair: 0.5, slots: 10, partitions: 2 }
  const offer = {
    plan: 'p1-1',
    base: 1,
    moves: 5,
    moved: 0.125,
    findings: ['Too much.'],
    before: [row],
    after: [{ ...row, load: 0.5, slots: 15 }],
  }
  assert.match(
    showOffer(offer),
    /5 slots move, 12.5 % of the load\n.*\n *0 +1 +25.0 % +50.0 % +50.0 % +10 +15 +2\n! Too much\.$/,
  )
  assert.equal(showHistory({ history: [] }), 'Nothing has been done yet.')
})
