import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from '../region/context.ts'
import { main } from './main.ts'
import { dashboardPlans } from './plans.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-dashboards-'))
after(() => rmSync(folder, { recursive: true }))

let program: string
before(async () => {
  program = (await ensure(['dashboards'], { cacheRoot: places().cacheRoot })).bin('dashboards')
})

const judge = (...files: string[]) => spawnSync(program, files, { encoding: 'utf8' })

test("every dashboard is one by Grafana's schema", () => {
  assert.equal(main(['--out', folder]), 0)
  const files = dashboardPlans(policies).map(({ uid }) => join(folder, `${uid}.json`))
  const { status, stderr } = judge(...files)
  assert.equal(status, 0, stderr)
})

for (const [what, from, to] of [
  ['a query with another field', '"expr"', '"query"'],
  ['an option that its panel does not have', '"displayMode"', '"display"'],
  ['a text where a number belongs', '"h": 8', '"h": "8"'],
] as const)
  test(`${what} is none`, () => {
    const file = join(folder, 'spoiled.json')
    const good = readFileSync(join(folder, 'neurodefender-analytics.json'), 'utf8')
    assert.ok(good.includes(from))
    writeFileSync(file, good.replace(from, to))
    assert.notEqual(judge(file).status, 0)
  })
