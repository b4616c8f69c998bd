import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import kubernetes from '@pulumi/kubernetes'
import { ComponentResource, output, runtime, secret } from '@pulumi/pulumi'
import type { ChartContext, ManagedCluster } from '../context.ts'
import { meshKinds } from '../mesh/object.ts'
import { type Synthesis, synthesize } from '../synthesize.ts'
import { cloudContext, fullContext, testContext } from '../test/context.ts'
import { deploy } from './deploy.ts'
import { customKinds, kinds } from './kinds.ts'
import { resourceName } from './plan.ts'

interface Registered {
  readonly type: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  readonly inputs: any
}

const registered: Registered[] = []
const managed = cloudContext.cluster as ManagedCluster

/** The engine gets secrets in envelopes. */
const revealed = (inputs: unknown): unknown =>
  JSON.parse(JSON.stringify(inputs), (_, item) => (item?.['4dabf18193072939515e22adb298388d'] ? item.value : item))

before(() =>
  runtime.setMocks({
    newResource: ({ type, name, inputs, id }) => {
      registered.push({ type, name, inputs: revealed(inputs) })
      return { id: id ?? name, state: inputs }
    },
    call: ({ inputs }) => inputs,
  }),
)

/** What the engine is told of a synthesis, the provider and parent left out. */
async function deployed(synthesis: Synthesis): Promise<Registered[]> {
  registered.length = 0
  const provider = new kubernetes.Provider('cluster')
  const parent = new ComponentResource('test:index:Region', 'region')
  const resources = deploy(synthesis, { provider, parent })
  assert.equal(resources.length, synthesis.manifests.length + synthesis.releases.length)
  await runtime.disconnect()
  return registered.filter(({ type }) => type.startsWith('kubernetes:'))
}

test('every object is one resource of its own type, under a name that says what it is', async () => {
  for (const part of ['platform', 'services'] as const) {
    const synthesis = synthesize('local', part, testContext)
    const made = await deployed(synthesis)
    assert.deepEqual(made.map(({ name }) => name).sort(), synthesis.manifests.map(resourceName).sort())
    for (const { type, name } of made) assert.ok(!type.includes('CustomResource'), name)
  }
})

test('every kind of the tables is used, and every kind is in one of them', () => {
  const used = new Set(
    (['local', 'prod'] as const).flatMap((environment) =>
      (['platform', 'services'] as const).flatMap((part) =>
        synthesize(environment, part, environment === 'local' ? fullContext : cloudContext).manifests.map(
          ({ apiVersion, kind }) => `${apiVersion}/${kind}`,
        ),
      ),
    ),
  )
  assert.deepEqual([...used].sort(), [...Object.keys(kinds), ...Object.keys(customKinds), ...meshKinds].sort())
})

test('a release is exact, awaited, and rolled back when it does not come up', async () => {
  const made = await deployed(synthesize('prod', 'platform', cloudContext))
  const releases = made.filter(({ type }) => type === 'kubernetes:helm.sh/v3:Release')
  assert.equal(releases.length, synthesize('prod', 'platform', cloudContext).releases.length)
  for (const { inputs, name } of releases) {
    assert.match(inputs.version, /^v?\d+\.\d+\.\d+$/, name)
    const { skipAwait, atomic, cleanupOnFail, createNamespace, maxHistory } = inputs
    assert.deepEqual(
      [skipAwait, atomic, cleanupOnFail, createNamespace, maxHistory],
      [false, true, true, false, 5],
      name,
    )
    assert.ok(inputs.timeout > 0, name)
    assert.ok(inputs.chart.startsWith('oci://') !== Boolean(inputs.repositoryOpts), name)
  }
})

test('no private key passes through a cloud’s stack, and every Secret is encrypted in its state', async () => {
  const context: ChartContext = {
    ...cloudContext,
    cluster: { ...managed, kafka: output('b-1:9098'), name: output('c') },
  }
  for (const part of ['platform', 'services'] as const) {
    const made = await deployed(synthesize('prod', part, context))
    const secrets = made.filter(({ type }) => type === 'kubernetes:core/v1:Secret')
    for (const { inputs, name } of secrets) assert.ok(!('tls.key' in inputs.data), name)
    assert.ok(!JSON.stringify(made).includes('pulumi-output:'))
  }
})

test('Outputs arrive with their values', async () => {
  const context: ChartContext = {
    ...testContext,
    secrets: { ...testContext.secrets, redis: secret('later'), authority: output('authority') },
  }
  const made = await deployed(synthesize('local', 'platform', context))
  const { inputs } = named(made, 'secret-data-redis-password')
  assert.equal(Buffer.from(inputs.data['password.conf'], 'base64').toString(), 'requirepass later\n')
  const redis = named(made, 'statefulset-data-redis')
  assert.match(redis.inputs.spec.template.metadata.annotations['neurodefender.io/files'], /^[0-9a-f]{64}$/)
  assert.ok(!JSON.stringify(made).includes('pulumi-output:'))
})

const named = (made: readonly Registered[], name: string): Registered =>
  made.find((resource) => resource.name === name) ?? assert.fail(`There is no ${name}.`)

test('what nobody waits for must be there', () => {
  const provider = new kubernetes.Provider('cluster')
  assert.throws(
    () => deploy(synthesize('local', 'platform', testContext), { provider, unawaited: ['service-data-moon'] }),
    {
      name: 'RangeError',
      message: "unawaited: there is no resource 'service-data-moon'.",
    },
  )
})
