import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { unknown as recorded } from '../../infra/graph/graph.ts'
import { unknown } from '../../policies/guardrails/model/resource.ts'
import { untaggable } from '../../policies/guardrails/rules/capacity/untaggable.ts'
import { guardrailsTable } from './table.ts'

test('docs/guardrails.md lists the rules that there are', () => {
  const text = readFileSync(new URL('../../docs/guardrails.md', import.meta.url), 'utf8')
  assert.ok(
    text.includes(guardrailsTable()),
    "Replace the table by the output of 'node tools/guardrails/main.ts --table'.",
  )
})

test('a recorded graph and the rules have the same word for what is not known', () => {
  assert.equal(unknown, recorded)
})

test('what is excused from tags has none', () => {
  const require = createRequire(import.meta.url)
  for (const type of untaggable) {
    const path = require.resolve(`@pulumi/aws/${type.split(':')[1]}.js`).replace(/\.js$/, '.d.ts')
    assert.ok(existsSync(path), type)
    const text = readFileSync(path, 'utf8')
    assert.ok(text.includes(`class ${type.split(':')[2]} `), type)
    assert.doesNotMatch(text, /readonly tags\w*\??:/, type)
  }
})
