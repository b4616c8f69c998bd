import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { alarmTable, levelTable } from './tables.ts'

test('the documentation says the minutes that follow from the policies', () => {
  const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')
  for (const table of [levelTable(policies), alarmTable(policies)])
    assert.ok(
      page.includes(table),
      `docs/observability.md is not of these policies: node tools/monitoring/main.ts\n${table}`,
    )
})
