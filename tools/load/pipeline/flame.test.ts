import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CpuProfile, flameGraph, frames } from './flame.ts'

const node = (id: number, functionName: string, children: number[] = [], url = '') => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
})

const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', [2, 3]),
    node(2, '(idle)'),
    node(3, 'main', [4, 5]),
    node(4, 'a<b', [], 'file:///x/y.ts'),
    node(5, ''),
  ],
  samples: [2, 4, 4, 5, 3],
  timeDeltas: [1_000, 100, 200, 50, 25],
}

test('a frame has its own time and what is below it; idling counts for nothing', () => {
  const root = frames(profile)
  assert.equal(root.total, 375)
  const main = root.below.get('main')
  assert.equal(main?.total, 375)
  assert.deepEqual(
    [...(main?.below.values() ?? [])].map(({ name, total }) => [name, total]),
    [
      ['a<b y.ts:10', 300],
      ['(anonymous)', 50],
    ],
  )
})

test('the picture names each frame with its share, escaped', () => {
  const svg = flameGraph(profile, 'engine')
  assert.match(svg, /<title>a&lt;b y\.ts:10 80\.0 %<\/title>/)
  assert.match(svg, /<title>all 100\.0 %<\/title>/)
  assert.doesNotMatch(svg, /idle/)
})
