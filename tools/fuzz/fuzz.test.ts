import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fuzz, inputAt } from './fuzz.ts'
import { type TargetName, targets } from './targets/index.ts'
import type { Target } from './targets/target.ts'

const names = Object.keys(targets) as TargetName[]

for (const name of names)
  test(`${name}: twenty thousand inputs, no crash, none slow`, () => {
    assert.equal(fuzz(targets[name], { seed: 42, from: 0, count: 20_000, boundMs: 1_000 }), undefined)
  })

test('an input follows from seed and number alone', () => {
  const forwards = Array.from({ length: 50 }, (_, i) => inputAt(targets.cef, 7, i).toString('hex'))
  const backwards = Array.from({ length: 50 }, (_, i) => inputAt(targets.cef, 7, 49 - i).toString('hex')).reverse()
  assert.deepEqual(forwards, backwards)
  assert.ok(new Set(forwards).size > 45)
  assert.notEqual(inputAt(targets.cef, 8, 0).toString('hex'), forwards[0])
})

test('a crash is found and made small', () => {
  const broken: Target = {
    ...targets.rfc5424,
    run: (input) => {
      if (input.includes('iut=')) throw new TypeError('no')
    },
  }
  const found = fuzz(broken, { seed: 1, from: 0, count: 1_000, boundMs: 1_000 })
  assert.deepEqual([found?.kind, found?.message, found?.input.toString()], ['crash', 'TypeError: no', 'iut='])
})

test('an input that takes long is found', () => {
  const slow: Target = {
    ...targets.cef,
    run: (input) => {
      const end = performance.now() + (input.length > 300 ? 10 : 0)
      while (performance.now() < end);
    },
  }
  assert.equal(fuzz(slow, { seed: 1, from: 0, count: 5_000, boundMs: 5 })?.kind, 'slow')
})

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [new URL('./main.ts', import.meta.url).pathname, ...args], { encoding: 'utf8' })

test('the command prints one line, and says how it is used', () => {
  const { status, stdout } = cli('--target', 'leef', '--inputs', '500', '--seed', '3')
  const { seconds, cpuSeconds, ...line } = JSON.parse(stdout)
  assert.deepEqual([status, line], [0, { fuzz: 'leef', inputs: 500, seed: 3, boundMs: 100, finding: null }])
  assert.ok(seconds > 0 && cpuSeconds > 0)
  for (const args of [[], ['--target', 'x'], ['--target', 'cef', '--inputs', '-1'], ['--nonsense']]) {
    const wrong = cli(...args)
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /usage: npm run --silent fuzz/)
  }
})
