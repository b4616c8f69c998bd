import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unreadyPods } from './status.ts'

const pod = (name: string, phase: string, ready?: string) => ({
  metadata: { namespace: 'siem', name },
  status: { phase, ...(ready ? { conditions: [{ type: 'Ready', status: ready }] } : {}) },
})

test('a pod that runs is ready or named; a finished one is neither', () => {
  const items = [
    pod('good', 'Running', 'True'),
    pod('slow', 'Running', 'False'),
    pod('new', 'Pending'),
    pod('job', 'Succeeded', 'False'),
  ]
  assert.deepEqual(unreadyPods({ items }), ['siem/slow', 'siem/new'])
})
