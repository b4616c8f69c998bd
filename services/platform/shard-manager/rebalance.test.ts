import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { busySlots, World } from './testing/world.ts'

const slot = fc.constantFrom(...busySlots)
const shard = fc.nat(1)
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), slot }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('step' as const), shard, most: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('read' as const), shard, most: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const), shard }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), shard }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('dieIn' as const), shard, writes: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeatReport' as const), which: fc.nat(200) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('rebalance' as const),
      wanted: fc.uniqueArray(fc.tuple(slot, shard), { selector: ([s]) => s, minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), ms: fc.constantFrom(10, 2_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('killManager', 'startManager', 'zombie') }) },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

async function perform(world: World, it: Act): Promise<void> {
  switch (it.do) {
    case 'send':
      return world.send(it.slot)
    case 'step':
      return world.act(it.shard, (one) => one.step(busySlots, it.most))
    case 'read':
      return world.act(it.shard, (one) => one.readMap(it.most))
    case 'snapshot':
      return world.act(it.shard, (one) => one.snapshot(busySlots))
    case 'kill':
      return world.restart(it.shard)
    case 'dieIn':
      return world.act(it.shard, (one) => {
        one.writesLeft = it.writes
      })
    case 'repeatReport':
      return world.repeatReport(it.which)
    case 'rebalance':
      return world.rebalance(it.wanted)
    case 'abort':
      return world.abort()
    case 'later':
      return world.later(it.ms)
    case 'killManager':
      return world.killManager()
    case 'startManager':
      return world.startManager()
    case 'zombie':
      return world.startManager(true)
  }
}

/** An owner that was killed after it wrote an alert and before it wrote where it stopped: it stops further back, and the target finds the alert. */
const stoppedFurtherBack: Act[] = [
  { do: 'rebalance', wanted: [[2, 1]] },
  ...[1, 0, 1].flatMap((shard): Act[] => [
    { do: 'read', shard: 0, most: 4 },
    { do: 'read', shard: 1, most: 4 },
    { do: 'step', shard, most: 0 },
  ]),
  { do: 'send', slot: 2 },
  { do: 'step', shard: 0, most: 1 },
  { do: 'kill', shard: 0 },
]

/** The same, as the property found it. */
const foundByProperty: Act[] = [
  {
    do: 'rebalance',
    wanted: [
      [2, 1],
      [1, 0],
    ],
  },
  { do: 'dieIn', shard: 0, writes: 0 },
  { do: 'dieIn', shard: 1, writes: 0 },
  { do: 'step', shard: 1, most: 0 },
  { do: 'step', shard: 1, most: 0 },
  { do: 'repeatReport', which: 0 },
  { do: 'step', shard: 0, most: 0 },
  { do: 'read', shard: 1, most: 1 },
  { do: 'step', shard: 0, most: 0 },
  { do: 'read', shard: 1, most: 2 },
  { do: 'rebalance', wanted: [[1, 0]] },
  { do: 'step', shard: 1, most: 0 },
  { do: 'send', slot: 2 },
  { do: 'repeatReport', which: 0 },
  { do: 'rebalance', wanted: [[1, 0]] },
  { do: 'read', shard: 0, most: 1 },
  { do: 'repeatReport', which: 0 },
  { do: 'step', shard: 0, most: 1 },
  { do: 'repeatReport', which: 0 },
  { do: 'read', shard: 0, most: 1 },
  { do: 'read', shard: 0, most: 1 },
  { do: 'kill', shard: 0 },
  { do: 'read', shard: 0, most: 1 },
  { do: 'dieIn', shard: 0, writes: 0 },
  { do: 'dieIn', shard: 0, writes: 0 },
]

/** Histories to try; the environment may ask for more than the unit lane has time for. */
const runs = Number(process.env.ND_REBALANCE_RUNS ?? 60)

test('kills, pauses, aborts, late and repeated messages: no event is lost, none has two alerts or owners, the state is that of an undisturbed run', async () => {
  const seen = { moved: 0, aborted: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 90 }), async (script) => {
      const world = new World()
      await world.start(2)
      try {
        for (const it of script) {
          await perform(world, it)
          if (it.do !== 'send') await world.rest()
        }
        await world.quiet()
        world.check()
        for (const { moved, outcome } of world.map.history) {
          seen.moved += moved
          if (outcome === 'aborted') seen.aborted++
        }
      } finally {
        await world.killManager()
      }
    }),
    { numRuns: runs, examples: [[stoppedFurtherBack], [foundByProperty]] },
  )
  assert.ok(seen.moved > runs / 2 && seen.aborted > runs / 24, `too little happened: ${JSON.stringify(seen)}`)
})
