import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { requirements } from './check.ts'

test('the page lists the requirements as they are, each id once', () => {
  const page = readFileSync(new URL('../../../docs/inference-conformance.md', import.meta.url), 'utf8')
  const rows = page.slice(page.indexOf('## The requirements')).match(/^\| [A-Z]+[0-9-].*$/gm) ?? []
  assert.deepEqual(
    rows,
    requirements.map(({ id, level, says, source }) => `| ${id} | ${level} | ${says} | ${source} |`),
    'Write the table anew: npm run --silent inference:conformance -- --list',
  )
  assert.equal(new Set(requirements.map(({ id }) => id)).size, requirements.length)
})
