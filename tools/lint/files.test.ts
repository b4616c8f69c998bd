import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileFindings, medianLines } from './files.ts'
import { renderFindings } from './finding.ts'

const said = (path: string, text: string): string => renderFindings(fileFindings([{ path, text }]))

// Written in two pieces: this file is judged by the same rules.
const later = `${'TO'}DO`
const onlyThis = `test.${'only'}`
const skipped = `test.${'skip'}`
const shared = `../${'shared'}`

test('a long file is named with its length', () => {
  assert.equal(said('tools/a.ts', 'a\n'.repeat(500)), '')
  assert.equal(
    said('tools/a.ts', 'a\n'.repeat(501)),
    'tools/a.ts:501 The file has 501 lines; at most 500: give each noun a file of its own. (file-length)',
  )
  assert.equal(said('docs/a.md', 'a\n'.repeat(501)), '')
})

test('what must not stand in a file is named with its line', () => {
  assert.equal(
    said('tools/a.ts', `\n// ${later}: later`),
    `tools/a.ts:2 '${later}' is a promise that nobody keeps: do it now, or write an issue. (no-later)`,
  )
  assert.equal(
    said('tools/a.test.ts', `${onlyThis}('a', () => {})\n${skipped}('b', () => {})`),
    `tools/a.test.ts:1 '${onlyThis}' leaves tests out: run them all, or say by a condition why one cannot run here. (no-partial-tests)\n` +
      `tools/a.test.ts:2 '${skipped}' leaves tests out: run them all, or say by a condition why one cannot run here. (no-partial-tests)`,
  )
  assert.equal(
    said('infra/a.ts', `const a = '/${'home'}/me/b'`),
    `infra/a.ts:1 '/${'home'}/me' is a path of one machine: take it from an argument, the environment or the repository. (no-machine-paths)`,
  )
  assert.equal(
    said('infra/a.ts', `read('${shared}/data')`),
    `infra/a.ts:1 '${shared}' is outside the repository: only tests may look there, and skip without it. (no-shared-folder)`,
  )
  assert.equal(
    said('infra/a.ts', `fetch('https://registry.${'npmjs'}.org/a')`),
    `infra/a.ts:1 'registry.${'npmjs'}.org' is a package registry: each tool asks the one that its own configuration names. (no-registry-hosts)`,
  )
})

test('what only looks like it is left alone', () => {
  assert.equal(said('infra/a.test.ts', `read('${shared}/data')`), '')
  assert.equal(said('infra/a.test.ts', "test('a', { skip: missing }, () => {})"), '')
  assert.equal(said('infra/a.ts', "'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin'"), '')
  assert.equal(said('infra/a.ts', "'/var/lib/a', 'src/home/a', 'https://example.org/home/a'"), '')
})

test('the median is of code files alone', () => {
  const file = (path: string, lines: number) => ({ path, text: 'a\n'.repeat(lines) })
  assert.equal(medianLines([file('a.ts', 1), file('b.ts', 7), file('c.mjs', 9), file('d.md', 1_000)]), 7)
  assert.equal(medianLines([]), 0)
})
