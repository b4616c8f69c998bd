import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { StackGraph } from '../../infra/graph/graph.ts'
import { ensure } from '../engine/ensure.ts'
import { stackGraphs } from './graphs.ts'
import { PolicyProject } from './testing/policy-project.ts'

// The real engine previews stacks of production as a whole, with the policy pack: no credentials, no account, no cluster.
let project: PolicyProject
let graphs: readonly StackGraph[]
const previewed = ['prod', 'prod-us-east-1', 'prod-links', 'prod-us-east-1-services']

before(async () => {
  const folder = process.env.ND_TEST_BIN
  const pulumi = folder ? join(folder, 'pulumi') : (await ensure(['pulumi'])).bin('pulumi')
  project = new PolicyProject(pulumi, 'neurodefender', 'stacks/main.mjs')
  project.previewOnly('kubernetes')
  graphs = await stackGraphs('prod')
  // What others read is there, as if it had been brought up.
  for (const { stack, outputs } of graphs)
    if (previewed.includes(stack) || !stack.endsWith('-services')) await project.declare(stack, outputs)
})
after(() => project?.remove())

for (const stack of previewed)
  test(`${stack} is previewed by the engine as it was recorded, and keeps every rule`, async () => {
    const { ok, said } = await project.preview(stack)
    assert.ok(ok, said)
    // A pass, or a pass with advice.
    assert.match(said, /[✅⚠]\S* neurodefender@/u)
    assert.doesNotMatch(said, /\[mandatory\]/)
    const made = Number(/\+ (\d+) to create/.exec(said)?.[1])
    const graph = graphs.find((one) => one.stack === stack)
    // The engine makes no resources of the outputs that a program reads, and the stack itself is there already.
    const read = graph?.resources.filter(({ type }) => type === 'pulumi:pulumi:StackReference').length ?? 0
    assert.equal(made, (graph?.resources.length ?? 0) - read, said.slice(-3_000))
  })

test('what is exempt is said in every run, with its end', async () => {
  const { ok, said } = await project.preview('prod')
  assert.ok(ok, said)
  assert.match(
    said,
    /\[advisory\] {2}iam-no-wildcards-exempt {2}\(aws:iam\/rolePolicy:RolePolicy: nd-prod-ci-deploy-us-east-1\)/,
  )
  assert.match(said, /should not be allowed on every resource\. Exempt until \d{4}-\d\d-\d\d: /)
})
