import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { silentLog } from '../../common/log/log.ts'
import { CostWatch } from './cost-watch.ts'
import { RuleBook } from './rule-book.ts'
import { shippedRules } from './shipped.ts'
import { windows } from './sigma/index.ts'
import { encoded, pack, rules } from './testing/engine.ts'

const dir = mkdtempSync(join(tmpdir(), 'nd-rules-'))
after(() => rmSync(dir, { recursive: true }))

function book(packs: readonly string[] = []) {
  const results: string[] = []
  const made = new RuleBook({
    packs,
    folder: dir,
    mapping: windows,
    mostEvents: 100,
    pollMs: 2 ** 30,
    log: silentLog,
    reloaded: (result) => results.push(result),
  })
  after(() => made.close())
  return { made, results }
}

test('rules are loaded again when they change, and only then; a broken one is told and leaves the others', async () => {
  writeFileSync(join(dir, 'rules.yml'), rules)
  writeFileSync(join(dir, 'notes.txt'), 'no rules')
  const { made, results } = book()
  const first = await made.start()
  const seen: string[] = []
  made.onChange(({ version }) => seen.push(version))
  assert.deepEqual([first.ruleSet.rules.length, first.correlations.length, first.problems.length], [2, 1, 0])
  assert.equal(await made.reload(), false)
  writeFileSync(join(dir, 'broken.yml'), 'title: [')
  assert.equal(await made.reload(), true)
  assert.equal(made.current?.ruleSet.rules.length, 2)
  assert.deepEqual(
    made.current?.problems.map(({ file }) => file),
    ['broken.yml'],
  )
  assert.equal(seen.length, 1)
  assert.deepEqual(results, ['done', 'done'])
})

test('the rules that the product carries all load', async () => {
  const { made } = book(shippedRules())
  const { ruleSet, problems } = await made.start()
  assert.equal(ruleSet.rules.length, 302)
  assert.deepEqual(
    problems.filter(({ file }) => file !== 'broken.yml'),
    [],
  )
})

/** A watch whose clock is told how long each look takes. */
function watch(tooks: () => number, strikes = 2) {
  let now = 0
  const isolated: number[] = []
  const it = new CostWatch({
    slowMs: 2,
    strikes,
    log: silentLog,
    isolated: () => isolated.push(1),
    now: () => {
      now += tooks()
      return now
    },
  })
  return { it, isolated }
}

test('a rule that is slow again and again is taken out, and comes back with other rules', () => {
  const { it, isolated } = watch(() => 300)
  const some = pack()
  const match = (rulesOfNow = some) => {
    const hits: number[] = []
    it.match(rulesOfNow, encoded(1), hits)
    return hits
  }
  assert.deepEqual(match(), [0])
  assert.equal(it.isolated.length, 0)
  match()
  assert.equal(it.isolated.length, 2)
  assert.equal(isolated.length, 2)
  assert.match(it.isolated[0]!.reason, /ms for one event, and more than 2 ms 2 times/)
  assert.deepEqual(match(), [])
  assert.deepEqual(match(pack(rules, 'again.yml')), [0])
  assert.equal(it.isolated.length, 0)
})

test('a pause of the process during an event lets no rule be looked at', () => {
  let asked = 0
  // The clock is asked before and after the event, and after it was asked about once more.
  const { it, isolated } = watch(() => (asked++ % 3 === 1 ? 300 : 1), 1)
  const some = pack()
  for (let event = 0; event < 5; event++) {
    const hits: number[] = []
    it.match(some, encoded(1), hits)
    assert.deepEqual(hits, [0])
  }
  assert.deepEqual([asked, isolated.length], [15, 0])
})

test('when all rules together cannot be asked, each is asked alone', () => {
  const { it } = watch(() => 0)
  const some = pack()
  const hits: number[] = []
  const { ruleSet } = some
  const real = ruleSet.match.bind(ruleSet)
  let throws = true
  ruleSet.match = (one, found) => {
    if (throws) {
      throws = false
      throw new Error('broken')
    }
    real(one, found)
  }
  it.match(some, encoded(1), hits)
  assert.deepEqual(hits, [0])
})
