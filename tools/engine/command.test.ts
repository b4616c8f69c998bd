import assert from 'node:assert/strict'
import { pbkdf2 } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { run } from './command.ts'
import { isAlive, ownerOf } from './lock.ts'
import { temp } from './test/temp.ts'

test('returns what the command prints and logs all of it', async (t) => {
  const log = join(temp(t), 'log')
  const lines: string[] = []
  const out = await run('sh', ['-c', 'echo out; echo err >&2'], { log, onLine: (line) => lines.push(line) })
  assert.equal(out, 'out\n')
  assert.deepEqual(lines, ['err'])
  assert.match(readFileSync(log, 'utf8'), /^\$ sh -c .*/)
})

test('a failure quotes the last lines and names the log', async (t) => {
  const log = join(temp(t), 'log')
  await assert.rejects(run('sh', ['-c', 'echo the reason >&2; exit 3'], { log }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'COMMAND_FAILED')
    assert.match(error.message, /exit code 3\):\n {2}the reason\n {2}All it said: .*log$/)
    return true
  })
})

test('the log is written when the command has ended, however busy the disk is', async (t) => {
  const log = join(temp(t), 'log')
  // Whoever writes files waits for one of these threads.
  const busy = Array.from({ length: 8 }, () => promisify(pbkdf2)('', '', 300_000, 64, 'sha512'))
  await assert.rejects(run('sh', ['-c', 'echo the reason >&2; exit 3'], { log }), { code: 'COMMAND_FAILED' })
  assert.equal(readFileSync(log, 'utf8').split('\n').at(-2), 'the reason')
  await Promise.all(busy)
})

test('a log that cannot be written keeps no command from its end', async (t) => {
  const log = join(temp(t), 'no', 'such', 'folder')
  assert.equal(await run('echo', ['out'], { log }), 'out\n')
})

test('a command that is not there says what to do', async () => {
  await assert.rejects(run('no-such-command', [], { missing: 'Install it.' }), {
    code: 'TOOL_MISSING',
    message: "'no-such-command' is not on PATH. Install it.",
  })
})

test('a full disk is told apart from a failed command', async () => {
  await assert.rejects(run('sh', ['-c', 'echo "write x: no space left on device" >&2; exit 1'], { cwd: '/tmp' }), {
    code: 'DISK_FULL',
    message: /disk that holds \/tmp is full.*NEURODEFENDER_CACHE/,
  })
})

test('an abort ends the whole process group', async () => {
  const stop = new AbortController()
  let grandchild = 0
  const running = run('sh', ['-c', 'sleep 600 & echo $! >&2; wait'], {
    signal: stop.signal,
    onLine: (line) => {
      grandchild = Number(line)
      stop.abort()
    },
  })
  await assert.rejects(running, { code: 'INTERRUPTED' })
  assert.ok(grandchild > 1)
  assert.equal(isAlive(ownerOf(grandchild)), false)
})

test('a command that takes too long is ended', async () => {
  await assert.rejects(run('sleep', ['600'], { timeout: 20 }), {
    code: 'COMMAND_FAILED',
    message: /took longer than 0.02 s/,
  })
})
