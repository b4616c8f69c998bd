import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import type { Pending } from '../engine/pulumi/project.ts'
import {
  type DeployContext,
  type DeployOptions,
  deploy,
  planFrom,
  preview,
  takeInventory,
  type Verdict,
} from './deploy.ts'
import { stacksOf } from './plan.ts'
import { FakeEngine } from './testing/fake-engine.ts'

const all = stacksOf(policies, 'prod').map(({ name }) => name)
const order = all.flatMap((name) => [`up ${name}`, `preview ${name}`])

function surround(engine: FakeEngine) {
  const said: string[] = []
  const stop = new AbortController()
  const progress = { run: <T>(_: string, body: (note: (text: string) => void) => Promise<T>) => body(() => {}) }
  const say = (text: string) => void said.push(text)
  const context: DeployContext = { policies, engine, progress, say, signal: stop.signal }
  const bring = async (options: DeployOptions = {}) => {
    const inventory = await takeInventory(context, 'prod')
    await deploy(context, planFrom(policies, 'prod', { kind: 'all' }, inventory), inventory, options)
  }
  return { context, said, stop, bring }
}

const changing = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ changes }) => changes !== undefined).map(({ stack }) => stack)

const creating = (type: string): Pending => ({ operation: 'creating', type, urn: `urn:pulumi:prod::n::${type}::it` })

test('each stack comes up and passes its gate before the next one begins', async () => {
  const engine = new FakeEngine(all)
  const { bring, said } = surround(engine)
  await bring()
  assert.deepEqual(engine.calls, order)
  assert.deepEqual(said[0], '  prod: 1 created')
})

test('a gate stays closed while a second update would change something, and nothing after it is begun', async () => {
  const engine = new FakeEngine(all)
  engine.changes.set('prod-us-west-2', [{ operation: 'update', type: 'aws:eks/cluster:Cluster', name: 'eks' }])
  await assert.rejects(surround(engine).bring(), {
    code: 'GATE_CLOSED',
    message:
      "The gate behind 'prod-us-west-2' stays closed: a second update would change 1 resource (update aws:eks/cluster:Cluster eks). Nothing after it was begun.",
  })
  assert.equal(engine.calls.at(-1), 'preview prod-us-west-2')
})

test('a gate stays closed without outputs', async () => {
  const engine = new FakeEngine(all)
  engine.stand = () => {}
  await assert.rejects(surround(engine).bring(), { code: 'GATE_CLOSED', message: /has no outputs/ })
  assert.deepEqual(engine.calls, ['up prod'])
})

test('an interrupt between two stages begins no other one, and the next run goes through all of them again', async () => {
  const engine = new FakeEngine(all)
  const { bring, stop } = surround(engine)
  engine.onUp = (stack) => stack === 'prod-us-west-2' && stop.abort(new Error('interrupted'))
  await assert.rejects(bring(), { message: 'interrupted' })
  assert.deepEqual(
    engine.calls.filter((call) => call.startsWith('up')),
    ['up prod', 'up prod-us-west-2'],
  )
  engine.calls.length = 0
  engine.onUp = () => {}
  await surround(engine).bring()
  assert.deepEqual(engine.calls, order)
})

test('what an interrupted run left of Kubernetes, or was changing, is settled before the update', async () => {
  const engine = new FakeEngine(all)
  const pending = [
    creating('kubernetes:apps/v1:Deployment'),
    { ...creating('aws:s3/bucket:Bucket'), operation: 'updating' },
  ]
  engine.stand('prod', [], pending)
  await surround(engine).bring()
  assert.deepEqual(engine.calls, ['settle prod', ...order])
})

test('what an interrupted run was making elsewhere is named, and nothing is done until somebody looked', async () => {
  const engine = new FakeEngine(all)
  engine.stand('prod', [], [creating('aws:s3/bucket:Bucket'), creating('kubernetes:v1:ConfigMap')])
  await assert.rejects(surround(engine).bring(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'PENDING_CREATES')
    assert.match(error.message, /urn:pulumi:prod::n::aws:s3\/bucket:Bucket::it/)
    assert.doesNotMatch(error.message, /ConfigMap/)
    return true
  })
  assert.deepEqual(engine.calls, [])
  await surround(engine).bring({ clearPendingCreates: true })
  assert.deepEqual(engine.calls, ['settle prod', ...order])
})

test('stacks that the backend lacks are all named before anything is touched', async () => {
  const engine = new FakeEngine(all.filter((name) => !name.startsWith('prod-us-east-1')))
  await assert.rejects(surround(engine).bring(), {
    code: 'NOT_READY',
    message: /no stack 'prod-us-east-1' and 'prod-us-east-1-services'\. Make them: .*--env prod --init/,
  })
  assert.deepEqual(engine.calls, [])
})

test('a preview changes nothing, says what waits for others, and answers the stacks that would change', async () => {
  const engine = new FakeEngine(all, ['prod', 'prod-us-east-2'])
  engine.changes.set('prod-us-east-2', [{ operation: 'create', type: 'aws:ec2/vpc:Vpc', name: 'vpc' }])
  const { context, said } = surround(engine)
  const inventory = await takeInventory(context, 'prod')
  const made = planFrom(policies, 'prod', { kind: 'region', region: 'us-east-2' }, inventory)
  assert.deepEqual(changing(await preview(context, made, inventory)), ['prod-us-east-2'])
  assert.deepEqual(engine.calls, ['preview prod', 'preview prod-us-east-2', 'preview prod-us-east-2-services'])
  assert.deepEqual(said, [
    '  prod: nothing changes',
    '  prod-us-east-2: 1 resource (create aws:ec2/vpc:Vpc vpc)',
    '  prod-us-east-2-services: nothing changes',
  ])
  const whole = planFrom(policies, 'prod', { kind: 'all' }, inventory)
  const differ = changing(await preview(context, whole, inventory))
  assert.ok(differ.includes('prod-links') && !differ.includes('prod'))
  assert.ok(said.includes("  prod-us-west-2-services: cannot be previewed before 'prod-us-west-2' has come up"))
})
