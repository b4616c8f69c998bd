import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traffic } from '../../../../policies/traffic.ts'
import { desired, modelId } from './desired.ts'
import { sound } from './testing/traffic.ts'
import { Conflict, model, World } from './testing/world.ts'

const candidate = { canary: { model: model('2') } }

/** Phases one after another, each once. */
const phases = (world: World): string[] =>
  world.states.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1])

test('a sound candidate takes over: share by share, pods first, then back to the stable pods with its model', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run()
  assert.deepEqual(world.weights, [10, 50, 100, 0])
  assert.deepEqual(phases(world), [
    ...['Scaling', 'Shifting', 'Analysing', 'Scaling', 'Shifting', 'Analysing', 'Scaling', 'Shifting', 'Analysing'],
    ...['Promoting', 'Returning', 'Draining', 'Promoted'],
  ])
  assert.equal(world.failed, 0)
  assert.deepEqual(desired(world.object), { stable: model('2'), canary: undefined })
  assert.equal(world.pods_.stable.model, modelId(model('2')))
  assert.match(world.state!.message, /write it to spec\.model/)
})

test('when the spec catches up, nothing rolls and the walk is forgotten', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run()
  const before = desired(world.object)
  world.edit({ model: model('2'), canary: {} })
  assert.deepEqual(desired(world.object), before)
  await world.run()
  assert.equal(world.state, undefined)
  assert.deepEqual(desired(world.object), before)
})

for (const [name, behaviour, reason] of [
  ['with errors', { ...sound, errors: 0.05 }, 'TooManyErrors'],
  ['that is twice as slow', { ...sound, medianMs: 16 }, 'TooSlow'],
] as const)
  test(`a candidate ${name} goes: callers first, its pods after their last answer`, async () => {
    const world = new World({ behaviour: { 2: behaviour } })
    world.edit(candidate)
    await world.run()
    assert.equal(world.state?.phase, 'RolledBack')
    assert.equal(world.state?.reason, reason)
    assert.deepEqual(world.weights, [10, 0])
    assert.equal(world.failed, 0)
    assert.deepEqual(desired(world.object), { stable: model('1'), canary: undefined })
    const draining = world.states.find(({ phase }) => phase === 'Draining')
    assert.ok(draining && draining.pods > 0 && draining.weight === 0)
    assert.ok(world.events.some(({ type, reason: said }) => type === 'Warning' && said === reason))
  })

test('a candidate that was sent away is not tried again until the spec has another one', async () => {
  const world = new World({ behaviour: { 2: { ...sound, errors: 0.2 } } })
  world.edit(candidate)
  await world.run()
  const states = world.states.length
  await world.run()
  assert.equal(world.states.length, states)
  world.edit({ canary: { model: model('3') } })
  await world.run()
  assert.equal(world.state?.phase, 'Promoted')
  assert.deepEqual(desired(world.object).stable, model('3'))
})

test('pods that never are ready get no callers, and the deadline ends the walk', async () => {
  const world = new World({ readyMs: (id) => (id.startsWith('2') ? undefined : 5_000) })
  world.edit(candidate)
  await world.run()
  assert.deepEqual(world.weights, [])
  assert.equal(world.state?.phase, 'RolledBack')
  assert.equal(world.state?.reason, 'DeadlineExceeded')
  assert.match(world.state!.message, /0 of 2 pods of the candidate are ready/)
})

test('without evidence a share neither grows nor goes before the deadline', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.state?.phase === 'Analysing' })
  world.evidenceLost = true
  const begun = world.now
  await world.run()
  assert.deepEqual(world.weights, [10, 0])
  assert.equal(world.state?.reason, 'DeadlineExceeded')
  assert.ok(world.now - begun > 3_000_000)
  assert.ok(world.states.some(({ reason }) => reason === 'NoEvidence'))
})

test('without callers it is the same', async () => {
  const world = new World({ rate: 0 })
  world.edit(candidate)
  await world.run()
  assert.equal(world.state?.reason, 'DeadlineExceeded')
  assert.match(world.state!.message, /answered 0 requests/)
})

test('without a route nothing is shared, and the walk ends', async () => {
  const world = new World()
  world.hasRoute = false
  world.edit(candidate)
  await world.run()
  assert.equal(world.state?.phase, 'RolledBack')
})

test('taken away in the middle: the callers go back, then the pods go', async () => {
  for (const middle of ['Scaling', 'Shifting', 'Analysing', 'Promoting', 'Returning', 'Draining']) {
    const world = new World()
    world.edit(candidate)
    await world.run({ until: () => world.state?.phase === middle })
    world.edit({ canary: {} })
    await world.run()
    assert.equal(world.state, undefined, middle)
    assert.deepEqual(desired(world.object), { stable: model('1'), canary: undefined })
    assert.deepEqual([world.weight, world.failed], [0, 0], middle)
  }
})

test('another candidate in the middle: the first goes wholly, its pods never change their model', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.weight === 50 })
  world.edit({ canary: { model: model('3') } })
  await world.run()
  assert.deepEqual(world.weights, [10, 50, 0, 10, 50, 100, 0])
  assert.ok(world.states.some(({ phase, reason }) => phase === 'Returning' && reason === 'Superseded'))
  assert.deepEqual(desired(world.object).stable, model('3'))
  assert.equal(world.failed, 0)
})

test('a pause stops the share and the clock; harm ends it all the same', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.weight === 10 })
  world.edit({ canary: { model: model('2'), paused: true } })
  await world.run({ most: 1_500 })
  assert.deepEqual(world.weights, [10])
  assert.ok(world.states.some(({ reason }) => reason === 'Paused'))
  world.edit(candidate)
  await world.run()
  assert.equal(world.state?.phase, 'Promoted')
  const bad = new World({ behaviour: { 2: { ...sound, errors: 0.1 } } })
  bad.edit({ canary: { model: model('2') } })
  await bad.run({ until: () => bad.weight === 10 })
  bad.edit({ canary: { model: model('2'), paused: true } })
  await bad.run()
  assert.equal(bad.state?.phase, 'RolledBack')
})

test('pods of the candidate that are lost lose their callers, and get them again', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.weight === 50 && world.state?.phase === 'Analysing' })
  // Both go at once, before anyone can act; from then on the stable pods answer.
  world.pods_.canary!.ready = 0
  await world.controller().reconcile(world.object, new AbortController().signal)
  await world.controller().reconcile(world.object, new AbortController().signal)
  assert.equal(world.weight, 0)
  assert.ok(world.states.some(({ reason }) => reason === 'PodsLost'))
  await world.run()
  assert.deepEqual(world.weights, [10, 50, 0, 50, 100, 0])
  assert.equal(world.state?.phase, 'Promoted')
})

test('one of two pods that goes takes no callers away', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.weight === 10 && world.state?.phase === 'Analysing' })
  world.pods_.canary!.ready = 1
  await world.run()
  assert.deepEqual(world.weights, [10, 50, 100, 0])
  assert.equal(world.failed, 0)
})

test('an autoscaler that asks for more in the middle takes nothing away', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.weight === 50 && world.state?.phase === 'Analysing' })
  world.edit({ replicas: 20 })
  await world.run()
  assert.deepEqual(world.weights, [10, 50, 100, 0])
  assert.ok(world.states.some(({ pods }) => pods === 20))
})

test('whoever writes weights by hand is put right', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.state?.phase === 'Analysing' })
  world.weight = 70
  await world.run({ until: () => world.state?.phase !== 'Analysing' })
  assert.deepEqual(world.weights.slice(0, 2), [10, 10])
  const idle = new World()
  idle.weight = 10
  await idle.run()
  assert.equal(idle.weight, 0)
})

test('steps that change in the middle count from where the walk is', async () => {
  const world = new World()
  world.edit(candidate)
  await world.run({ until: () => world.weight === 50 })
  world.edit({ canary: { model: model('2'), steps: [5, 20, 60, 80, 100] } })
  await world.run()
  assert.deepEqual(world.weights, [10, 50, 60, 80, 100, 0])
})

test('the first step may be the whole: then the callers before it are what is compared with', async () => {
  const world = new World()
  for (let i = 0; i < 60; i++) world.pass(1_000)
  world.edit({ canary: { model: model('2'), steps: [100] } })
  await world.run()
  assert.deepEqual(world.weights, [100, 0])
  assert.equal(world.state?.phase, 'Promoted')
})

test('a former leader cannot write on what it read before', async () => {
  const world = new World()
  world.edit(candidate)
  const stale = world.object
  await world.controller().reconcile(world.object, new AbortController().signal)
  await assert.rejects(world.controller().reconcile(stale, new AbortController().signal), Conflict)
})

test('killed at every call, before and after its effect, the walk ends as the undisturbed one', async () => {
  // Judged quickly, so that hundreds of walks take seconds.
  const lax = { confidence: 0.9, minRequests: 50, maxErrorIncrease: 0.1, maxLatencyIncrease: 2, interval: '5s' }
  for (const behaviour of [sound, { ...sound, errors: 0.5 }]) {
    const make = () => {
      const world = new World({ behaviour: { 2: behaviour } })
      world.edit({ canary: { model: model('2'), steps: [traffic.canary.canaryWeight, 100], ...lax } })
      return world
    }
    const undisturbed = make()
    await undisturbed.run()
    const end = (world: World) => [
      world.state?.phase,
      world.state?.outcome,
      world.weight,
      world.failed,
      desired(world.object),
    ]
    assert.equal(undisturbed.state?.phase, behaviour === sound ? 'Promoted' : 'RolledBack')
    for (let call = 0; call < undisturbed.calls; call++)
      for (const when of ['before', 'after'] as const) {
        const world = make()
        world.killAt = { call, when }
        await world.run()
        assert.deepEqual(end(world), end(undisturbed), `killed ${when} call ${call}`)
        assert.deepEqual(world.weights, undisturbed.weights, `killed ${when} call ${call}`)
      }
  }
})
