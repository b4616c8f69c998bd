import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { RotatingLog } from './log.ts'
import type { Component } from './plan.ts'
import { isReady } from './probe.ts'
import { KeptProcess, restartDelay } from './process.ts'
import { saysReady } from './supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-sup-'))
after(() => rmSync(folder, { recursive: true }))

test('a restart waits longer each time, up to a bound', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 20].map(restartDelay), [200, 400, 800, 1_600, 3_200, 5_000, 5_000])
})

test('a log is turned over at its limit and keeps one file before', () => {
  const path = join(folder, 'x.log')
  const log = new RotatingLog(path, 10)
  for (const text of ['12345', '67890', 'abc', 'defghijkl']) log.write(text)
  log.close()
  assert.equal(readFileSync(path, 'utf8'), 'defghijkl')
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'abc')
})

test('a node is ready by a heartbeat of this start, not by one from before', () => {
  const node = (status: string, lastHeartbeatTime: string) =>
    JSON.stringify({ status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] } })
  const since = Date.parse('2026-01-01T10:00:00.500Z')
  assert.ok(saysReady(node('True', '2026-01-01T10:00:00Z'), since))
  assert.ok(!saysReady(node('True', '2026-01-01T09:59:58Z'), since))
  assert.ok(!saysReady(node('False', '2026-01-01T10:00:05Z'), since))
  assert.ok(!saysReady('{}', since))
})

test('a component is ready when its socket answers, runs again after its end, and stops for good', async () => {
  const path = join(folder, 'ready.sock')
  const component: Component = {
    name: 'sleeper',
    command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
    after: [],
    ready: { kind: 'socket', path },
    stopWithin: 5_000,
  }
  assert.equal(await isReady(component.ready), false)
  const server = createServer().listen(path)
  let changed = () => {}
  const kept = new KeptProcess(component, {
    path: '/bin',
    logFolder: folder,
    logLimit: 1_000,
    changed: () => changed(),
  })
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      changed = () => condition() && resolve()
      changed()
    })
  kept.start()
  await kept.firstReady
  const first = kept.status.pid!
  process.kill(first, 'SIGKILL')
  await until(() => kept.status.state === 'ready' && kept.status.pid !== first)
  assert.equal(kept.status.restarts, 1)
  assert.equal(kept.status.lastExit, 'SIGKILL')
  await kept.stop()
  assert.equal(kept.status.state, 'exited')
  assert.match(
    readFileSync(join(folder, 'sleeper.log'), 'utf8'),
    /sleeper ended \(SIGKILL\); it starts again in 200 ms/,
  )
  server.close()
})
