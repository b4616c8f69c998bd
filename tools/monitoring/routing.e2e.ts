import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { alertmanagerConfiguration } from '../../infra/kubernetes/monitoring/routing.ts'
import { policies } from '../../policies/bundle.ts'
import { ensure } from '../engine/ensure.ts'
import { places } from '../region/context.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-alertmanager-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'alertmanager.yaml')

let amtool: string
before(async () => {
  amtool = (await ensure(['alertmanager'], { cacheRoot: places().cacheRoot })).bin('amtool')
  writeFileSync(file, alertmanagerConfiguration(policies.monitoring))
})

const ask = (...args: string[]): string => execFileSync(amtool, args, { encoding: 'utf8' })

test('Alertmanager reads its configuration', () => {
  assert.match(ask('check-config', file), /SUCCESS/)
})

for (const [labels, receiver] of [
  [['severity=page', 'alertname=ServiceDown', 'service=analytics'], 'page'],
  [['severity=ticket', 'alertname=LatencyBurns', 'service=analytics'], 'ticket'],
  [['severity=none', 'alertname=Watchdog'], 'nobody'],
] as const)
  test(`${labels.join(' ')} goes to ${receiver}`, () => {
    assert.equal(ask('config', 'routes', 'test', `--config.file=${file}`, ...labels).trim(), receiver)
  })
