import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('the controller decides what was recorded, and we decide the same', () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, '--check'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^\d+ cases, \d+ decisions, 0 of them different; the recording is the same\.$/m)
})
