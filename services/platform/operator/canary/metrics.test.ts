import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from '../../../common/metrics/metrics.ts'
import type { KubeObject } from '../api/object.ts'
import { canaryMetrics, walksOf } from './metrics.ts'
import { sound } from './testing/traffic.ts'
import { model, World } from './testing/world.ts'

/** Metrics of a world's one resource, asked line by line. */
function measured(world: World) {
  const metrics = createMetrics({ process: false })
  const decided = canaryMetrics(metrics, () => walksOf([world.object as unknown as KubeObject]))
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await metrics.text()).split('\n').find((one) => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length + 1))
  }
  return { metrics, decided, value }
}

test('share, pods, phase and samples of a walk are those that the status says', async () => {
  const world = new World()
  const { metrics, value } = measured(world)
  assert.doesNotMatch(await metrics.text(), /^nd_canary_(weight|phase|samples)\{/m)
  world.edit({ canary: { model: model('2') } })
  await world.run({ until: () => world.state?.phase === 'Analysing' && world.state.figures !== undefined })
  const { weight, pods, figures } = world.state!
  assert.equal(weight, 10)
  assert.equal(await value('nd_canary_weight{inference="threats"}'), 10)
  assert.equal(await value('nd_canary_pods{inference="threats"}'), pods)
  assert.equal(await value('nd_canary_phase{inference="threats",phase="Analysing"}'), 1)
  assert.equal(await value('nd_canary_phase{inference="threats",phase="Scaling"}'), 0)
  for (const subset of ['stable', 'canary'] as const) {
    assert.ok(figures![subset].requests > 0)
    assert.equal(await value(`nd_canary_samples{inference="threats",subset="${subset}"}`), figures![subset].requests)
    assert.equal(await value(`nd_canary_errors{inference="threats",subset="${subset}"}`), figures![subset].errors)
  }
  await world.run()
  assert.equal(await value('nd_canary_weight{inference="threats"}'), 0)
  assert.equal(await value('nd_canary_phase{inference="threats",phase="Promoted"}'), 1)
  // Nothing is judged any more.
  assert.equal(await value('nd_canary_samples{inference="threats",subset="canary"}'), undefined)
  world.edit({ model: model('2'), canary: {} })
  await world.run()
  assert.doesNotMatch(await metrics.text(), /^nd_canary_(weight|phase|samples)\{/m)
})

test('each step is counted once, with its reason', async () => {
  const world = new World({ behaviour: { 2: { ...sound, errors: 0.05 } } })
  const { decided, value } = measured(world)
  world.edit({ canary: { model: model('2') } })
  await world.run()
  for (const [i, { phase, reason }] of world.states.entries())
    if (phase !== world.states[i - 1]?.phase || reason !== world.states[i - 1]?.reason) decided(world.states[i]!)
  const told = Map.groupBy(world.decided, (step) => step)
  assert.ok(told.has('Returning TooManyErrors') && told.has('RolledBack TooManyErrors'), world.decided.join())
  for (const [step, times] of told) {
    const [phase, reason] = step.split(' ')
    assert.equal(await value(`nd_canary_decisions_total{phase="${phase}",reason="${reason}"}`), times.length, step)
  }
})
