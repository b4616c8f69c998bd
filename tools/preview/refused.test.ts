import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { changed } from '../../policies/checks/testing/change.ts'
import { markdown } from './report/markdown/markdown.ts'
import { verdictOf } from './report/summary.ts'
import { built, reportOf } from './testing/fixture.ts'

const base = await built(policies)

test('40 replicas of ml-inference: what follows is shown, and it is refused because the GPUs do not fit', async () => {
  const report = await reportOf(base, await built(changed({ 'scaling.ml_inference.actions.max_replicas': 40 })))
  const text = markdown(report)
  assert.equal(verdictOf(report).kind, 'refused')
  const rules = new Set(report.violations.map(({ rule }) => rule))
  assert.ok(rules.has('pools-within-limits') && rules.has('warm-headroom'), [...rules].join())
  assert.match(text, /cloud\.prod\.kubernetes\.pools\.gpu\.limits\.gpu \(14\) must be at least 43/)
  const [edit] = report.policies
  assert.equal(edit?.path, 'scaling.ml_inference.actions.max_replicas')
  assert.equal(edit.findings.length, report.findings.now.filter(({ isNew }) => isNew).length, 'all of it is its doing')
  assert.equal(edit.follows.filter(({ urn }) => urn.endsWith('::ml_inference')).length, 6, 'in every region')
  assert.match(text, /\| prod \| pool 'gpu', GPUs \| 5 \| 13 → 43 \| 14 \| \*\*does not fit\*\* \|/)
  assert.match(text, /\| prod \| quota of GPU machines, vCPU \| 20 \| 52 → 172 \| 64 \| \*\*does not fit\*\* \|/)
  const gpu = report.bill.find(({ environment, service }) => environment === 'prod' && service === 'Machines: gpu')
  assert.equal(gpu?.after?.min, gpu?.before?.min)
  // 30 machines more in each of three regions, at the price of a g6.xlarge.
  assert.equal(Math.round((gpu?.after?.max ?? 0) - (gpu?.before?.max ?? 0)), Math.round(3 * 30 * 0.8048 * 730))
})

test('it is allowed once the pool, the quotas, the headroom and the time to grow fit', async () => {
  const limits = { cpu: '172', memory: '1024Gi', gpu: 60 }
  const report = await reportOf(
    base,
    await built(
      changed({
        'scaling.ml_inference.actions.max_replicas': 40,
        'objectives.scaling.upWithin': '3m',
        ...Object.fromEntries(
          ['staging', 'prod'].flatMap((environment) => [
            [`cloud.${environment}.kubernetes.pools.gpu.limits`, { ...limits, cpu: '256' }],
            [`cloud.${environment}.kubernetes.headroom.ml-inference.pods`, 13],
            [`cloud.${environment}.serviceQuotas.gpuVcpu`, 256],
            [`environments.${environment}.quota.cpu`, '300'],
          ]),
        ),
      }),
    ),
  )
  assert.deepEqual(report.violations, [])
  assert.equal(verdictOf(report).kind, 'changes')
})

test('a region that moves to another jurisdiction is refused in words that name data, edge and law', async () => {
  const report = await reportOf(base, await built(changed({ 'regions.us-west-2.jurisdiction': 'eu' })))
  const said = report.violations.filter(({ rule }) => rule === 'residency').map(({ message }) => message)
  assert.ok(said.length > 0)
  assert.ok(
    said.some((message) => message.includes("copies 'events' data from us-east-1 to us-west-2 in prod")),
    said.join('\n'),
  )
  const link = report.links.find(
    ({ environment, from, to }) => environment === 'prod' && from === 'us-east-1' && to === 'us-west-2',
  )
  assert.ok(link?.forbidden.includes('topic events.raw') && link.carries.includes('bucket models'))
  assert.match(markdown(report), /us-east-1 → us-west-2 \(eu\)/)
})

test('what was wrong before is not called new', async () => {
  const wrong = changed({ 'environments.prod.clickhouse.replicas': 1 })
  const report = await reportOf(await built(wrong), await built(changed({ 'caching.l2.ttl': '90s' }, wrong)))
  assert.ok(report.violations.length > 0)
  assert.ok(report.violations.every(({ isNew }) => !isNew))
})
