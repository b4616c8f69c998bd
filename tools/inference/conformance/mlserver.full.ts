import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { startMlserver } from '../peers/mlserver/mlserver.ts'
import { classifier } from '../peers/requests.ts'
import { checked } from './checked.ts'

test('mlserver meets them but for those that docs/inference-conformance.md lists', async () => {
  const model = classifier('1')
  const results = await checked(() =>
    startMlserver(model, { name: 'in process', parallelWorkers: 0, threads: 1 }, true),
  )
  const page = readFileSync(new URL('../../../docs/inference-conformance.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('## mlserver'), page.indexOf('## The requirements'))
  const listed = [...section.matchAll(/^\| ([A-Z][A-Z0-9, -]*) \|/gm)].flatMap((row) => row[1]!.split(', '))
  assert.deepEqual(
    results
      .filter(({ outcome }) => outcome === 'fail')
      .map(({ id }) => id)
      .sort(),
    listed.sort(),
  )
})
