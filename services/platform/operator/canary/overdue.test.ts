import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanaryStatus } from '../../../../policies/model/ml-inference.ts'
import { overdueSeconds } from './overdue.ts'

const now = new Date('2026-01-01T01:00:00Z')
const walk = (deadline: string, phase: CanaryStatus['phase'] = 'Analysing'): CanaryStatus => ({
  model: { version: '2', uri: 'file:///m', sha256: '' },
  candidate: '2',
  replaces: '1',
  phase,
  stable: 'current',
  step: 0,
  weight: 10,
  pods: 1,
  startedAt: '2026-01-01T00:00:00Z',
  since: '2026-01-01T00:00:00Z',
  deadline,
  reason: '',
  message: '',
})

test('the walk that is longest past its deadline counts, unless it is over', () => {
  const late = walk('2026-01-01T00:59:00Z')
  const later = walk('2026-01-01T00:50:00Z')
  assert.equal(overdueSeconds([], now), 0)
  assert.equal(overdueSeconds([walk('2026-01-01T02:00:00Z')], now), 0)
  assert.equal(overdueSeconds([late, later], now), 600)
  assert.equal(overdueSeconds([late, { ...later, phase: 'RolledBack' }], now), 60)
})
