import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { scalingSection } from '../report/html/sections.ts'
import { scalingText } from '../report/markdown/numbers.ts'
import { levels } from '../report/markdown/text.ts'
import type { Report } from '../report/report.ts'
import { scalingHead } from '../report/summary.ts'
import { scalingEffects, tracesOf } from './effects.ts'

const row = policies.scaling.ml_inference!
const withActions = (actions: Partial<typeof row.actions>): Policies => ({
  ...policies,
  scaling: { ...policies.scaling, ml_inference: { ...row, actions: { ...row.actions, ...actions } } },
})

const steps = {
  name: 'steps <b>',
  trace: { perSecond: Float64Array.from({ length: 240 }, (_, i) => (i % 60 < 30 ? 1_000 : 8_000)) },
  scaled: false,
}

test('a row that changes is replayed on both sides; fewer pods are cheaper and more overloaded', () => {
  const [effect, ...others] = scalingEffects(policies, withActions({ max_replicas: 4 }), [steps])
  assert.deepEqual([others.length, effect?.policy, effect?.peak], [0, 'ml_inference', 8_000])
  const { before, after } = effect as Required<NonNullable<typeof effect>>
  assert.deepEqual([before.figures.max_replicas > 4, after.figures.max_replicas], [true, 4])
  assert.ok(after.figures.overload_minutes > before.figures.overload_minutes)
  assert.ok(Object.keys(before.money).includes('prod'))
  for (const [environment, dollars] of Object.entries(before.money))
    assert.ok(dollars > (after.money[environment] as number) && (after.money[environment] as number) > 0, environment)
})

test('rows that scale as before are not replayed, and a trace of the project is scaled to what the row before can have', () => {
  assert.deepEqual(scalingEffects(policies, policies, [steps]), [])
  const effects = scalingEffects(policies, withActions({ max_replicas: 8 }), tracesOf(undefined))
  assert.deepEqual(
    effects.map(({ trace, peak }) => [trace, Math.round(peak)]),
    [
      ['week', 9_500],
      ['flash crowd', 9_500],
    ],
  )
})

test('a pod is no stronger for a higher threshold', () => {
  const [qps, ...others] = row.metrics
  const metrics = [{ ...qps!, threshold: 2 * qps!.threshold }, ...others]
  const asked = { ...policies, scaling: { ...policies.scaling, ml_inference: { ...row, metrics } } }
  const [effect] = scalingEffects(policies, asked, [steps])
  assert.equal(effect?.after?.capacity, effect?.before?.capacity)
  assert.ok((effect?.after?.figures.overload_minutes ?? 0) > (effect?.before?.figures.overload_minutes ?? 0))
})

test('the limits of forecasts are replayed where the cluster asks for forecasts, and change nothing elsewhere', () => {
  const withSpread = (mode: 'on' | 'preview', spread: number): Policies => {
    const { scaling } = policies.objectives
    const prediction = { ...scaling.prediction, budget: 1, trial: 1, spread }
    return {
      ...policies,
      objectives: { ...policies.objectives, scaling: { ...scaling, prediction } },
      scaling: { ...policies.scaling, ml_inference: { ...row, prediction: { mode, quantile: 0.99 } } },
    }
  }
  const waves = {
    name: 'waves',
    trace: { perSecond: Float64Array.from({ length: 600 }, (_, i) => 4_500 + 3_500 * Math.sin(i / 30)) },
    scaled: false,
  }
  const [effect] = scalingEffects(withSpread('on', 1e-9), withSpread('on', 10), [waves])
  const { before, after } = effect as Required<NonNullable<typeof effect>>
  assert.ok(after.figures.overload_minutes < before.figures.overload_minutes)
  assert.deepEqual(scalingEffects(withSpread('preview', 1e-9), withSpread('preview', 10), [waves]), [])
})

test('a row that is new or gone has one side', () => {
  const { ml_inference: _, ...scaling } = policies.scaling
  const [gone] = scalingEffects(policies, { ...policies, scaling }, [steps])
  assert.ok(gone?.before && !gone.after)
  const [fresh] = scalingEffects({ ...policies, scaling }, policies, [steps])
  assert.ok(fresh?.after && !fresh.before)
})

test('both reports tell the figures of both sides, and a name is no markup', () => {
  const report = { scaling: scalingEffects(policies, withActions({ max_replicas: 4 }), [steps]) } as unknown as Report
  const [text, { text: page }] = [scalingText(report, levels[0]!), scalingSection(report)]
  for (const name of scalingHead) assert.ok(text.includes(name) && page.includes(name), name)
  assert.match(text, /\| ml_inference \| .*8,000\/s \| \d+ → \d+ \|/)
  assert.match(page, /<svg .*before: \d+ minutes overloaded/s)
  assert.ok(!page.includes('<b>'))
  const none = { scaling: [] } as unknown as Report
  assert.equal(scalingText(none, levels[0]!), '')
  assert.match(scalingSection(none).text, /No row of the scaling matrix scales otherwise/)
})
