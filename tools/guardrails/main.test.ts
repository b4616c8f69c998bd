import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { guardrailsTable } from './table.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const run = (...argv: readonly string[]) => spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' })

test('the command prints the table of the documentation', () => {
  assert.equal(run('--table').stdout.trim(), guardrailsTable())
})

test('an environment that is not in the cloud is refused with those that are', () => {
  const { status, stderr } = run('local')
  assert.equal(status, 2)
  assert.equal(stderr.trim(), 'Usage: node tools/guardrails/main.ts [--table | staging | prod]')
})
