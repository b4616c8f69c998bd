import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { seeded } from '../../services/common/testing/random.ts'
import { unified, withThreshold } from './diff.ts'
import { parsePoints } from './points.ts'
import { capacity, estimate, fit, type Law, latency, type Point, throughput } from './scalability.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-propose-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const law = fc.record({
  alone: fc.double({ min: 0.1, max: 50, noNaN: true }),
  contention: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
  coherence: fc.double({ min: 0.0001, max: 0.05, noNaN: true }),
})
const measured = (of: Law, noise: () => number = () => 1): Point[] =>
  [1.2, 2, 3, 4, 6, 8, 12].map((n) => ({ load: throughput(of, n) * noise(), ms: latency(of, n) }))
const near = (a: number, b: number, share: number) => Math.abs(a - b) <= share * Math.abs(b)

test('law: what follows it exactly gives it back', () => {
  fc.assert(
    fc.property(law, (of) => {
      const found = fit(measured(of))!
      assert.ok(near(found.alone, of.alone, 1e-4) && near(found.contention, of.contention, 1e-2), JSON.stringify(found))
      assert.ok(near(found.coherence, of.coherence, 1e-2), JSON.stringify(found))
    }),
  )
})

test('law: a pod bears what is found and not more, and never more than was tried', () => {
  fc.assert(
    fc.property(
      law,
      fc.double({ min: 1.1, max: 20, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      (of, times, most) => {
        const within = of.alone * times
        const load = capacity(of, within, most)
        assert.ok(load <= most && load > 0)
        // Some number of requests in the pod has that throughput within the limit.
        const summit = Math.sqrt(Math.max(0, 1 - of.contention) / of.coherence)
        const all = Array.from({ length: 2_000 }, (_, i) => (i * Math.max(1, summit)) / 2_000)
        const best = Math.max(
          ...all.filter((n) => latency(of, n) <= within).map((n) => (n === 0 ? 0 : throughput(of, n))),
        )
        assert.ok(load >= Math.min(most, best) * 0.999)
        assert.ok(load <= Math.max(...all.map((n) => (n === 0 ? 0 : throughput(of, n)))) * 1.01)
      },
    ),
  )
})

test('no part of a law is below nought, whatever was measured', () => {
  const point = fc.record({
    load: fc.double({ min: 1, max: 1e5, noNaN: true }),
    ms: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), (points) => {
      const found = fit(points)
      assert.ok(found === undefined || Object.values(found).every((value) => value >= 0 && Number.isFinite(value)))
    }),
  )
})

test('the more points scatter, the less is promised; the same points promise the same', () => {
  const of = { alone: 1, contention: 0.05, coherence: 0.002 }
  const found = (noise: number) => {
    const random = seeded(3)
    const points = Array.from({ length: 6 }, () => measured(of)).flat()
    const scattered = points.map(({ load, ms }) => ({ load, ms: ms * (1 + noise * (random() - 0.5)) }))
    return estimate(scattered, 1.3, 0.95, seeded(1))!
  }
  assert.deepEqual(found(0.2), found(0.2))
  const doubt = (noise: number) => 1 - found(noise).least / found(noise).best
  assert.ok(doubt(0.01) >= 0 && doubt(0.1) > doubt(0.01) && doubt(0.6) > doubt(0.1))
})

test('a P99 that lies above the mean counts against the promise', () => {
  const of = { alone: 1, contention: 0.05, coherence: 0.002 }
  const points = measured(of)
  const calm = estimate(points, 2, 0.9, seeded(1))!
  const wild = estimate(
    points.map((point) => ({ ...point, p99Ms: 1.5 * point.ms })),
    2,
    0.9,
    seeded(1),
  )!
  assert.ok(wild.best < calm.best)
})

test('what is no list of points is refused with a sentence', () => {
  const refused = (text: string, why: RegExp) => assert.throws(() => parsePoints(text, 'p.csv'), why)
  refused('a,b\n1,2', /first line must be/)
  refused('load,ms\n1,x', /line 2.*2 numbers above 0/)
  refused('load,ms,p99_ms\n1,5,2', /P99 is below the mean/)
  refused('load,ms\n1,1\n1,2\n2,2', /2 different loads; at least 5/)
})

test('only the threshold of the row changes', () => {
  const text =
    "x\n  a: {\n    metrics: [\n      { name: 'qps', threshold: 1_000, window: '60s' },\n    ],\n  },\n  b: {\n    metrics: [{ name: 'qps', threshold: 7, window: '60s' }],\n  },\n"
  const changed = withThreshold(text, 'a', 'qps', 12)
  assert.equal(changed, text.replace('1_000', '12'))
  assert.equal(unified('f', text, text), '')
  assert.match(unified('f', text, changed), /^--- a\/f\n\+\+\+ b\/f\n@@ -1,7 \+1,7 @@\n x\n/)
  assert.throws(() => withThreshold(text, 'c', 'qps', 1), /no 'qps' in a row 'c'/)
  assert.throws(() => withThreshold(text, 'b', 'lag', 1), /no 'lag'/)
})

test('the command proposes a diff that git takes, and changes nothing', () => {
  const points = join(folder, 'points.csv')
  const of = { alone: 2, contention: 0.1, coherence: 0.01 }
  writeFileSync(
    points,
    `load,ms,p99_ms\n${measured(of)
      .map(({ load, ms }) => `${load},${ms},${3 * ms}`)
      .join('\n')}\n`,
  )
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'tools/propose/main.ts'), ...args], { encoding: 'utf8', cwd: root })
  const { stdout, stderr, status } = run('--policy', 'ml_inference', '--points', points, '--within', '20')
  assert.equal(status, 0, stderr)
  assert.match(stderr, /with 95 % confidence at least/)
  const checked = spawnSync('git', ['apply', '--check', '-'], { input: stdout, cwd: root, encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stderr)
  assert.equal(run('--policy', 'nobody', '--points', points).status, 1)
  assert.equal(run('--policy', 'ml_inference').status, 2)
  assert.equal(run('--nothing').status, 2)
})
