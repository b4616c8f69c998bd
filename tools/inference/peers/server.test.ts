import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { freePorts, until } from '../../../services/common/testing/processes.ts'
import { startServer } from './server.ts'

const serve = (port: number): string =>
  `require('node:http').createServer((_, answer) => answer.end('{}')).listen(${port}, '127.0.0.1')`

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a server is there until it is stopped, and then cleaned up after', async () => {
  const [port] = await freePorts(1)
  let cleaned = false
  const server = await startServer({
    command: process.execPath,
    args: ['-e', serve(port!)],
    cwd: tmpdir(),
    url: `http://127.0.0.1:${port}`,
    ready: 'ready',
    cleanUp: () => {
      cleaned = true
    },
  })
  assert.ok(alive(server.pid))
  await server.stop()
  assert.ok(!alive(server.pid) && cleaned)
})

test('one that ends before it is ready is an error with what it said', async () => {
  const options = { command: process.execPath, args: ['-e', 'throw new Error("no model")'], cwd: tmpdir() }
  await assert.rejects(
    startServer({ ...options, url: 'http://127.0.0.1:9', ready: 'ready' }),
    /is not ready: [\s\S]*no model/,
  )
})

test('whoever started it may be ended: the server ends with it, and its folder goes', async () => {
  const [port] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'peer-'))
  const program = `
    import { rmSync } from 'node:fs'
    import { startServer } from ${JSON.stringify(new URL('server.ts', import.meta.url).href)}
    const server = await startServer({ command: process.execPath, args: ['-e', ${JSON.stringify(serve(port!))}], cwd: '/',
      url: 'http://127.0.0.1:${port}', ready: 'ready', cleanUp: () => rmSync(${JSON.stringify(folder)}, { recursive: true }) })
    console.log(server.pid)
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
    await until('the server ends', () => !alive(Number(line)), 10_000)
    assert.ok(!existsSync(folder))
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
