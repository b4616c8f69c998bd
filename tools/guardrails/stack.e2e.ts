import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { recordGraph } from '../../infra/graph/record.ts'
import { programOf } from '../../stacks/index.ts'
import { ensure } from '../engine/ensure.ts'
import { PolicyProject } from './testing/policy-project.ts'

// The real engine previews a whole stack of production with the policy pack: no credentials, no account, no cluster.
let project: PolicyProject
const stack = 'prod-us-east-1'

before(async () => {
  const folder = process.env.ND_TEST_BIN
  const pulumi = folder ? join(folder, 'pulumi') : (await ensure(['pulumi'])).bin('pulumi')
  project = new PolicyProject(pulumi, 'neurodefender', 'stacks/main.mjs')
  project.previewOnly('kubernetes')
  const { outputs } = await recordGraph('prod', programOf('prod'))
  await project.declare('prod', outputs)
  assert.ok((await project.run('stack', 'init', stack)).ok)
})
after(() => project?.remove())

test('a region of production is previewed as a whole, and keeps every rule', async () => {
  const { ok, said } = await project.preview()
  assert.ok(ok, said)
  assert.match(said, /✅ neurodefender@/)
  assert.match(said, /aws:eks:Cluster/)
  assert.match(said, /kubernetes:karpenter\.sh\/v1:NodePool|kubernetes:.*NodePool/)
  assert.match(said, /\+ \d{3} to create/)
})
