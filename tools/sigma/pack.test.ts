import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadRules, readArchive } from '../../services/siem/correlation-engine/sigma/index.ts'
import { recordedRules, withoutRecorded } from '../../services/siem/correlation-engine/sigma/testing/recorded.ts'
import { archive, choose, pack, packed } from './pack.ts'

test('the carried rules all compile and keep their authors, and their licence lies beside them', () => {
  const { rules, problems } = loadRules(readArchive(readFileSync(pack)))
  assert.deepEqual(problems, [])
  assert.equal(rules.length, packed)
  assert.deepEqual(
    rules.filter(({ author, references }) => author === undefined || references.length === 0).map(({ file }) => file),
    [],
  )
  assert.ok(existsSync(new URL('LICENSE.DRL-1.1.md', `file://${pack}`)))
})

test('the pack is what the script makes of the recorded archive', { skip: withoutRecorded }, () => {
  const sources = new Map(recordedRules().map((source) => [source.file, source]))
  const chosen = choose(loadRules(sources.values()).rules, packed)
  assert.deepEqual(
    readArchive(readFileSync(pack)),
    chosen.map(({ file }) => sources.get(file)),
  )
})

test('an archive is read as it was written, long names too', () => {
  const files = [
    { file: 'a.yml', text: 'title: é' },
    { file: `${'long/'.repeat(40)}b.yaml`, text: 'x'.repeat(513) },
  ]
  assert.deepEqual(readArchive(archive(files)), files)
  assert.deepEqual(readArchive(archive([{ file: 'README.md', text: 'no rule' }])), [])
  assert.throws(() => readArchive(archive(files).subarray(0, 100)))
})
