import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseOptions } from './options.ts'

const run = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url)), ...args], { encoding: 'utf8' })

function traceFile(t: { after: (f: () => void) => void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'nd-simulate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const rows = Array.from({ length: 240 }, (_, i) => `${i},${i % 60 < 30 ? 1_000 : 4_000}`)
  writeFileSync(join(folder, 'trace.csv'), ['minute,requests', ...rows, ''].join('\n'))
  return join(folder, 'trace.csv')
}

test('the command line: figures as JSON by mode, and nothing else on the output', (t) => {
  const trace = traceFile(t)
  const given = [
    '--policy',
    'ml_inference',
    '--trace',
    trace,
    '--peak',
    '4000',
    '--capacity',
    '1100',
    '--startup',
    '90',
  ]
  const { stdout, stderr, status } = run(...given, '--json')
  assert.deepEqual([status, stderr], [0, ''])
  const figures = JSON.parse(stdout)
  assert.deepEqual(Object.keys(figures), ['reactive', 'predictive', 'oracle'])
  const names = ['overload_minutes', 'excess_request_share', 'pod_hours', 'scale_events', 'max_replicas']
  for (const mode of Object.values(figures)) assert.deepEqual(Object.keys(mode as object), names)
  assert.ok(figures.reactive.overload_minutes > figures.oracle.overload_minutes)
  const { stdout: one } = run(...given, '--json', '--mode', 'oracle')
  assert.deepEqual(JSON.parse(one), { oracle: figures.oracle })
})

test('without --json a table and a plot, and a picture where one is asked for', (t) => {
  const trace = traceFile(t)
  const picture = join(trace, '..', 'plot.svg')
  const { stdout, status } = run('--policy', 'ml_inference', '--trace', trace, '--mode', 'reactive', '--out', picture)
  assert.equal(status, 0)
  assert.match(stdout, /^ml_inference: 240 minutes; peak 66\.67 requests\/s\.$/m)
  assert.match(stdout, /^reactive +0 +0\.000 % +8\.0 +0 +2 +0\.0 s$/m)
  assert.match(stdout, /^demand +[▁-█]+ ≤ 67\/s$/m)
  assert.match(readFileSync(picture, 'utf8'), /^<svg .*reactive: 0 minutes overloaded/s)
})

test('what is wrong is one sentence that says what to do', (t) => {
  const { stderr, status, stdout } = run('--policy', 'nobody', '--trace', traceFile(t))
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /^There is no policy 'nobody': give one of ml_inference, .*\n$/)
  for (const [args, message] of [
    [[], /--policy is missing/],
    [['--policy', 'a'], /--trace is missing/],
    [['--policy', 'a', '--trace', 'b', '--peak', '0'], /--peak \('0'\) must be a number from 0\.001/],
    [['--policy', 'a', '--trace', 'b', '--startup', 'x'], /--startup \('x'\) must be a number from 0 to 86400/],
    [['--policy', 'a', '--trace', 'b', '--mode', 'best'], /--mode \('best'\) must be one of reactive,/],
    [['--policy', 'a', '--trace', 'b', '--out', 'p.png'], /--out \('p\.png'\) must end with \.svg/],
    [['--speed', '1'], /Unknown option '--speed'/],
  ] as const)
    assert.throws(() => parseOptions(args), { code: 'USAGE', message })
  assert.equal(parseOptions(['--help']), undefined)
})
