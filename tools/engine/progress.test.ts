import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockText, Display, type Item, itemText, summary } from './progress.ts'
import { duration } from './text.ts'

const item = (more: Partial<Item> = {}): Item => ({
  id: 'kubernetes',
  version: '1.34.4',
  state: 'working',
  started: 0,
  ended: 0,
  usual: 270_000,
  doing: 'compiling',
  ...more,
})

test('what, how long so far, how long it usually takes', () => {
  assert.equal(itemText(item(), 75_000), 'kubernetes 1.34.4  1 min 15 s of about 4 min 30 s  compiling')
  assert.equal(itemText(item({ state: 'waiting', doing: 'to compile' }), 9), 'kubernetes 1.34.4  waiting to compile')
  assert.equal(
    itemText(item({ state: 'done', ended: 61_000, doing: 'from go' }), 99_000),
    'kubernetes 1.34.4  1 min 01 s  from go',
  )
})

test('durations read well at every size', () => {
  assert.deepEqual([0, 940, 9_940, 9_960, 59_400, 59_600, 3_600_000].map(duration), [
    '0.0 s',
    '0.9 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '60 min 00 s',
  ])
})

test('a block no wider than the terminal', () => {
  const lines = blockText([item(), item({ state: 'failed' })], 0, 30)
  assert.equal(lines.length, 2)
  for (const line of lines) assert.ok(line.length < 30)
  assert.match(lines[1] ?? '', /^ {2}✗ /)
})

test('one line for a display that has only one', () => {
  assert.equal(
    summary([item(), item({ state: 'done' })], 5_000),
    '1 of 2 ready; kubernetes 1.34.4  5.0 s of about 4 min 30 s  compiling',
  )
})

function collector(isTTY: boolean) {
  const written: string[] = []
  const out = { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 }
  return { written, out: out as unknown as NodeJS.WriteStream }
}

test('a log gets a line at the start, one every 15 s, one at the end', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { written, out } = collector(false)
  const display = new Display(out)
  const it = item({ started: performance.now() })
  display.begin(it)
  display.say('kubernetes: a word.')
  t.mock.timers.tick(45_000)
  it.state = 'done'
  it.ended = it.started + 50_000
  it.doing = 'from go'
  display.end(it)
  display.close()
  assert.equal(written.length, 6)
  assert.equal(written[0], 'kubernetes 1.34.4: making it, usually 4 min 30 s\n')
  assert.equal(written[5], 'kubernetes 1.34.4: done after 50 s, from go\n')
  assert.ok(!written.join('').includes('\x1b'))
})

test('a terminal gets a block that redraws itself', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { written, out } = collector(true)
  const display = new Display(out)
  display.begin(item())
  display.begin(item({ id: 'etcd' }))
  t.mock.timers.tick(400)
  display.close()
  const redrawn = written.join('').split('\x1b[2A\x1b[J')
  assert.ok(redrawn.length >= 3)
  for (const block of redrawn) assert.match(block, /kubernetes.*\n.*etcd.*\n$/)
})
