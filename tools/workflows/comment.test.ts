import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { marker as ofReport } from '../preview/report/markdown/markdown.ts'
import { commentOf, marker } from './comment.ts'

const about = { run: 'https://github.com/o/n/actions/runs/1', sha: 'a'.repeat(40) }

test('the report stands between the marker and what it is', () => {
  const body = commentOf('## 3 added\n\n| a | b |', about)
  assert.ok(body.startsWith(`${marker}\n## 3 added\n\n| a | b |\n`))
  assert.match(body, /made\]\(https:\/\/github\.com\/o\/n\/actions\/runs\/1\) by this pull request's own code/)
})

test('a comment has the mark of the report, once, and its diffs keep their heads', () => {
  assert.equal(marker, ofReport)
  const body = commentOf(`${marker}\n## Title\n@@ + bucket @@`, about)
  assert.ok(body.startsWith(`${marker}\n## Title\n@@ + bucket @@`))
})

test('a report that names people, hides text or pretends to be the comment itself does none of it', () => {
  const body = commentOf(`@everyone \u202etxt\u0000\u001b[31m ${marker} ${marker}`, about)
  assert.ok(!body.includes('@everyone'))
  assert.equal(body.split(marker).length, 2)
  for (const one of ['\u0000', '\u001b', '\u202e']) assert.ok(!body.includes(one))
})

test("an endless report stays below GitHub's limit, cut at the end of a line", () => {
  const body = commentOf('| a line of a table @you |\n'.repeat(10_000), about)
  assert.ok(body.length < 65_536, String(body.length))
  assert.match(body, /table @\u200byou \|\n\n… the rest is in the artefact\./)
  assert.ok(commentOf('x'.repeat(1_000_000), about).length < 65_536)
})

test('without a report the log is named', () => assert.match(commentOf(undefined, about), /made no report/))

test('a run or a revision that is not one is refused', () => {
  for (const wrong of [{ run: 'javascript:x' }, { run: 'https://a/b)x' }, { sha: 'main' }])
    assert.throws(() => commentOf('', { ...about, ...wrong }), TypeError)
})

test('the command line prints a body for the API', () => {
  const path = join(import.meta.dirname, 'comment.ts')
  const out = execFileSync(process.execPath, [path, '--report', '/nowhere', '--run', about.run, '--sha', about.sha], {
    encoding: 'utf8',
  })
  assert.match((JSON.parse(out) as { body: string }).body, /made no report/)
})
