import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compile, loadRules, readArchive, windows } from '../../services/siem/correlation-engine/sigma/index.ts'
import { canarySample, readTemplates, sample } from './generate.ts'
import { fill, type Template } from './open-loop/template.ts'

const carried = new URL('../../services/siem/correlation-engine/rules/sigmahq.tar.gz', import.meta.url)
const { rules } = loadRules(readArchive(readFileSync(carried)))
const ruleSet = compile(rules, { mapping: windows })

const matches = (made: Template): readonly (string | undefined)[] => {
  const to = Buffer.alloc(made.bytes.length)
  fill(made, to, 0, { time: 0, host: 1, process: 2, canary: 3 })
  const hits: number[] = []
  ruleSet.match(JSON.parse(to.toString('utf8')) as Record<string, unknown>, hits)
  return hits.map((hit) => rules[hit]?.title)
}

for (const lean of [true, false])
  test(`${lean ? 'lean' : 'whole'}: exactly one carried rule reports each canary, and none the background`, async () => {
    const canaries = await readTemplates(canarySample, { lean, canary: true })
    assert.ok(canaries.length >= 3)
    for (const canary of canaries) assert.equal(matches(canary).length, 1, `${canary.kind}: ${matches(canary)}`)
    for (const background of await readTemplates(sample, { lean, canary: false }))
      assert.deepEqual(matches(background), [], background.kind)
  })
