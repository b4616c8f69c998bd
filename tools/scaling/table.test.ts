import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { scalingTable } from './table.ts'

test('the documentation has the worst cases that follow from the policies', () => {
  const page = readFileSync(new URL('../../docs/autoscaling.md', import.meta.url), 'utf8')
  assert.ok(page.includes(scalingTable()), `docs/autoscaling.md must have this table:\n${scalingTable()}`)
})
