import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { changed } from '../../policies/checks/testing/change.ts'
import { lint } from './main.ts'
import { policyReport } from './policies.ts'
import { sourceFiles } from './source.ts'

test('files that people write are found; packages, links and what tools write are not', () => {
  const root = mkdtempSync(join(tmpdir(), 'nd-lint-'))
  try {
    const files = [
      'a.ts',
      '.ci/run',
      '.git/b.ts',
      'node_modules/c.ts',
      'd/e.md',
      'package-lock.json',
      'd/f.test.ts.snapshot',
      'g.gz',
    ]
    for (const file of files) {
      mkdirSync(join(root, dirname(file)), { recursive: true })
      writeFileSync(join(root, file), '')
    }
    symlinkSync('a.ts', join(root, 'link.ts'))
    assert.deepEqual(
      sourceFiles(root).map(({ path }) => path),
      ['.ci/run', 'a.ts', 'd/e.md'],
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('a repository is judged by its imports and by its files', () => {
  const root = mkdtempSync(join(tmpdir(), 'nd-lint-'))
  try {
    mkdirSync(join(root, 'infra'))
    writeFileSync(join(root, 'infra', 'a.ts'), "import './gone.ts'\n")
    const { text, ok } = lint(root)
    assert.equal(ok, false)
    assert.match(
      text,
      /^infra\/a\.ts:1 '\.\/gone\.ts' is not there: name an existing file\. \(import-missing\)\n1 files, median 1 lines/,
    )
    writeFileSync(join(root, 'infra', 'a.ts'), '')
    assert.equal(lint(root).ok, true)
  } finally {
    rmSync(root, { recursive: true })
  }
})

test('policies that contradict themselves are one list, what must change first', () => {
  const { text, ok } = policyReport(changed({ 'caching.l1.ttl': '90s', 'environments.prod.quota.cpu': '2' }))
  assert.equal(ok, false)
  assert.match(text, /^Must change \(3\):\n/)
  assert.match(
    text,
    /\n {2}caching\.l1\.ttl \(90s\) must be shorter than the second level's \(60s\)\. \(cache-levels: /,
  )
  assert.match(text, /\nAdvice, where the environment does not bind the rule \(3\):\n/)
  assert.match(text, /\nThe policies contradict themselves in 3 places\.$/)
  assert.equal(policyReport().ok, true)
})
