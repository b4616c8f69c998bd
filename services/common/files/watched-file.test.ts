import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { createLog, type Log, silentLog } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { FileCounts, FileError, WatchedFile, type WatchedFileOptions } from './watched-file.ts'

const root = mkdtempSync(join(tmpdir(), 'nd-watched-'))
after(() => rmSync(root, { recursive: true }))
let folders = 0
const folder = (): string => {
  const made = join(root, `${folders++}`)
  mkdirSync(made)
  return made
}

const parse = (text: string): number => {
  const number = Number(text)
  if (!Number.isInteger(number)) throw new Error(`${text} is no number.`)
  return number
}

/** Watches by a clock that the test moves on: `look` is the time between two looks. */
function watch(t: TestContext, file: string, more: Partial<WatchedFileOptions<number>> = {}) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const seen: number[] = []
  const watched = new WatchedFile({
    ...{ file, name: 'numbers', what: 'the number', parse, log: silentLog, pollMs: 1_000 },
    changed: (content) => seen.push(content),
    ...more,
  })
  return { watched, seen, look: () => t.mock.timers.tick(1_000) }
}

test('a file written anew in place, and one renamed over it, come into force once', (t) => {
  const file = join(folder(), 'a')
  writeFileSync(file, '1')
  const { watched, seen, look } = watch(t, file)
  assert.equal(watched.current, 1)
  look()
  writeFileSync(file, '22')
  look()
  look()
  // The same length, and perhaps within one tick of the file system's clock.
  writeFileSync(`${file}.new`, '33')
  renameSync(`${file}.new`, file)
  look()
  look()
  assert.deepEqual([watched.current, seen], [33, [22, 33]])
})

test('a mounted ConfigMap: links through ..data, which is swapped', (t) => {
  const mount = folder()
  const version = (name: string, text: string) => {
    mkdirSync(join(mount, name))
    writeFileSync(join(mount, name, 'number'), text)
    symlinkSync(name, join(mount, '..data_tmp'))
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
  }
  version('..1', '10')
  symlinkSync(join('..data', 'number'), join(mount, 'number'))
  const { watched, seen, look } = watch(t, join(mount, 'number'))
  version('..2', '20')
  rmSync(join(mount, '..1'), { recursive: true })
  look()
  version('..3', '30')
  look()
  assert.deepEqual([watched.current, seen], [30, [20, 30]])
})

test('a content that cannot be used leaves the last good one in force, is told and counted once, and gets better', async (t) => {
  const file = join(folder(), 'a')
  writeFileSync(file, '1')
  const told: string[] = []
  const log: Log = { ...createLog({ level: 'error', fields: {} }), error: (text) => told.push(text), info() {} }
  const metrics = createMetrics({ process: false })
  const { watched, seen, look } = watch(t, file, { log, counts: new FileCounts(metrics), maxBytes: 10 })
  const value = async (line: string) => Number((await metrics.text()).match(new RegExp(`^${line} (\\d+)$`, 'm'))?.[1])
  const unusable = () => value('nd_file_unusable\\{file="numbers"\\}')
  const failed = () => value('nd_file_reloads_total\\{file="numbers",result="failed"\\}')
  assert.equal(await unusable(), 0)
  writeFileSync(file, 'x')
  for (let looks = 0; looks < 3; looks++) look()
  assert.deepEqual([watched.current, watched.trouble, told.length], [1, 'x is no number.', 1])
  assert.match(told[0] ?? '', /the number/)
  assert.deepEqual([await unusable(), await failed()], [1, 1])
  // What was good before is good again, and nothing new.
  writeFileSync(file, '1')
  look()
  assert.deepEqual([watched.trouble, await unusable(), seen], [undefined, 0, []])
  unlinkSync(file)
  look()
  look()
  assert.match(watched.trouble ?? '', /a cannot be read \(ENOENT\)\.$/)
  writeFileSync(file, '12345678901')
  look()
  assert.match(watched.trouble ?? '', /a is longer than 10 bytes\.$/)
  assert.deepEqual([watched.current, told.length, await failed()], [1, 3, 3])
  writeFileSync(file, '2')
  look()
  assert.deepEqual([watched.current, seen, await unusable()], [2, [2], 0])
  assert.equal(await value('nd_file_reloads_total\\{file="numbers",result="done"\\}'), 1)
})

test('without a usable file there is no beginning, unless something holds before', (t) => {
  const file = join(folder(), 'a')
  assert.throws(() => watch(t, file), FileError)
  t.mock.timers.reset()
  writeFileSync(file, 'x')
  assert.throws(() => watch(t, file), /x is no number/)
  t.mock.timers.reset()
  const { watched, seen, look } = watch(t, file, { before: 7 })
  assert.deepEqual([watched.current, watched.trouble], [7, 'x is no number.'])
  writeFileSync(file, '8')
  look()
  assert.deepEqual([watched.current, watched.trouble, seen], [8, undefined, [8]])
})

test('after the end nobody looks any more, and others of the same file do', (t) => {
  const file = join(folder(), 'a')
  writeFileSync(file, '1')
  const first = watch(t, file)
  const second = new WatchedFile({ file, name: 'again', what: 'it', parse, log: silentLog, pollMs: 1_000 })
  first.watched.close()
  writeFileSync(file, '2')
  first.look()
  assert.deepEqual([first.watched.current, second.current], [1, 2])
  second.close()
})

test('reload looks at once', (t) => {
  const file = join(folder(), 'a')
  writeFileSync(file, '1')
  const { watched } = watch(t, file)
  writeFileSync(file, '2')
  watched.reload()
  assert.equal(watched.current, 2)
})
