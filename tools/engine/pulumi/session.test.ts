import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, test } from 'node:test'
import { onPath, ownSession } from './session.ts'

const skip = onPath('setsid') && onPath('setpriv') ? false : 'setsid and setpriv are missing here'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nd-session-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An engine that counts interrupts, says so in a file of its own when it ends, and ends when it is told to. */
const engine = `#!${process.execPath}
const { writeFileSync } = require('node:fs')
let interrupts = 0
process.on('SIGINT', () => { interrupts++; console.log('engine interrupted ' + interrupts); if (process.argv[2] === 'end') done() })
process.on('SIGUSR2', () => done())
process.stdout.on('error', () => {})
const done = () => { writeFileSync(process.argv[3], String(interrupts)); process.exit() }
console.log('engine ' + process.pid)
setInterval(() => {}, 1000)
`

/** A command as ours: it starts the engine and passes an interrupt on, once, when it is told to by a line on its input. */
const command = `
import { spawn } from 'node:child_process'
const [program, ...args] = process.argv.slice(1)
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
process.on('SIGINT', () => console.log('command interrupted'))
process.stdin.on('data', () => child.kill('SIGINT'))
child.on('exit', () => process.exit())
`

/** Starts the command in a process group of its own, as a shell does, and waits until its engine runs. */
async function start(program: string, mode: string) {
  const ended = join(folder, 'ended')
  const running = spawn(process.execPath, ['--input-type=module', '-e', command, program, mode, ended], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value as string
  const pid = Number((await next()).split(' ')[1])
  return { running, next, pid, ended }
}

const readCount = (path: string): number => Number(readFileSync(path, 'utf8'))

const toGroup = (running: ChildProcess, signal: NodeJS.Signals) => process.kill(-(running.pid as number), signal)

const place = (): string => {
  const path = join(folder, 'pulumi')
  writeFileSync(path, engine, { mode: 0o755 })
  return path
}

test('an interrupt of the whole group reaches the engine once: when it is passed on', { skip }, async () => {
  const root = ownSession(folder, place())
  const { running, next, pid, ended } = await start(join(root as string, 'bin', 'pulumi'), 'count')
  toGroup(running, 'SIGINT')
  assert.equal(await next(), 'command interrupted')
  running.stdin.write('pass it on\n')
  assert.equal(await next(), 'engine interrupted 1')
  process.kill(pid, 'SIGUSR2')
  await once(running, 'exit')
  assert.equal(readCount(ended), 1)
})

test('without the session it would reach the engine twice', async () => {
  const { running, next, pid, ended } = await start(place(), 'count')
  toGroup(running, 'SIGINT')
  assert.deepEqual([await next(), await next()].sort(), ['command interrupted', 'engine interrupted 1'])
  running.stdin.write('pass it on\n')
  assert.equal(await next(), 'engine interrupted 2')
  process.kill(pid, 'SIGUSR2')
  await once(running, 'exit')
  assert.equal(readCount(ended), 2)
})

test('the engine is interrupted when the command is killed', { skip }, async () => {
  const root = ownSession(folder, place())
  const { running, ended } = await start(join(root as string, 'bin', 'pulumi'), 'end')
  running.kill('SIGKILL')
  await once(running, 'exit')
  while (!existsSync(ended) || readFileSync(ended, 'utf8') === '') await new Promise((resolve) => setImmediate(resolve))
  assert.equal(readCount(ended), 1)
})
