import assert from 'node:assert/strict'
import { test } from 'node:test'
import { windows } from '../../../services/siem/correlation-engine/sigma/index.ts'
import { measureOurs } from './ours.ts'
import { pipelineOf } from './pipeline.ts'

test('the peer gets the numbers of events that our mapping knows, and no channels', () => {
  const { transformations } = JSON.parse(pipelineOf(windows))
  const of = (category: string) =>
    transformations.find(
      (one: { rule_conditions: { category?: string }[] }) => one.rule_conditions[0]?.category === category,
    )
  assert.deepEqual(of('registry_event').conditions, { EventID: [12, 13, 14] })
  assert.deepEqual(of('process_creation').conditions, { EventID: [1] })
  assert.ok(!pipelineOf(windows).includes('Channel'))
})

test('a measurement counts what each rule matches in one pass', () => {
  const rule = 'title: T\nid: r\nlogsource: {product: windows, service: system}\ndetection: {s: {f: x}, condition: s}'
  const lines = ['x', 'y', 'X'].map((f) => JSON.stringify({ Channel: 'System', EventID: 1, f }))
  const measured = measureOurs([{ file: 'r.yml', text: rule }], lines, windows, 2)
  assert.deepEqual(measured.counts, { r: 2 })
  assert.deepEqual([measured.matching.length, measured.both.length], [2, 2])
})
