import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { checksTable } from './checks-table.ts'

const text = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8')

test('docs/policies.md lists the checks that there are', () => {
  assert.ok(text.includes(checksTable()), "Replace the table by the output of 'node tools/lint/policies.ts --table'.")
})

test('docs/policies.md names every object and every file that holds one', () => {
  const rows = [...text.matchAll(/^\| `(\w+)` \| `([\w.]+)` \|/gm)].map(([, object, file]) => [object, file] as const)
  assert.deepEqual(rows.map(([object]) => object).sort(), Object.keys(policies).sort())
  const files = readdirSync(new URL('../../policies/', import.meta.url))
  for (const [, file] of rows) assert.ok(file && files.includes(file), `policies/${file} is not there`)
})
