import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { mlInferenceSpec } from '../../../policies/model/ml-inference.ts'
import type { OpenApi } from '../../../policies/model/schema.ts'
import { threatDetection } from '../charts/ngfw.ts'
import { chartScope } from '../context.ts'
import { cloudContext } from '../test/context.ts'
import { mlInferenceDefinition } from './ml-inference.ts'

/** What an API server would object to: enough of OpenAPI for our own schemas. */
function objections(schema: OpenApi, value: unknown, path = 'spec'): string[] {
  switch (schema.type) {
    case 'object': {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) return [`${path} is no object`]
      const given = value as Record<string, unknown>
      const properties = schema.properties ?? {}
      return [
        ...(schema.required ?? [])
          .filter((name) => given[name] === undefined)
          .map((name) => `${path}.${name} is missing`),
        ...Object.entries(given).flatMap(([name, inner]) =>
          properties[name] ? objections(properties[name], inner, `${path}.${name}`) : [`${path}.${name} is unknown`],
        ),
      ]
    }
    case 'array':
      if (!Array.isArray(value)) return [`${path} is no list`]
      return value.flatMap((item, i) => objections(schema.items, item, `${path}[${i}]`))
    case 'integer':
    case 'number': {
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
      const good = typeof value === 'number' && value >= minimum && value <= maximum
      return good && (schema.type === 'number' || Number.isInteger(value)) ? [] : [`${path} is out of bounds`]
    }
    case 'string': {
      const good =
        typeof value === 'string' &&
        (!schema.enum || schema.enum.includes(value)) &&
        (!schema.pattern || new RegExp(schema.pattern).test(value))
      return good ? [] : [`${path} is no such text`]
    }
    default:
      return typeof value === 'boolean' ? [] : [`${path} is neither true nor false`]
  }
}

/** The resource of the design document, as it is written there. */
const seed = {
  replicas: 3,
  scaling: { metrics: [{ type: 'QPS', averageValue: 1000 }], minReplicas: 2, maxReplicas: 10 },
  resources: { requests: { memory: '4Gi', gpu: '1' } },
}

test('the resource of the design document is accepted as it stands', () => {
  assert.deepEqual(objections(mlInferenceSpec.openApi, seed), [])
})

test('what the policies say is accepted too, with the seed’s numbers in it', () => {
  const spec = threatDetection(chartScope('prod', cloudContext, policies))
  assert.deepEqual(objections(mlInferenceSpec.openApi, JSON.parse(JSON.stringify(spec))), [])
  assert.deepEqual(spec.scaling?.metrics, [
    { type: 'QPS', averageValue: 1000, windowSeconds: 60 },
    // Not the seed's: a utilisation alone says nothing beyond its end.
    { type: 'QueueDepth', averageValue: 32, windowSeconds: 30 },
    { type: 'GPUUtilization', averageValue: 80, windowSeconds: 300 },
  ])
  assert.deepEqual([spec.scaling?.minReplicas, spec.scaling?.maxReplicas], [2, 10])
  assert.deepEqual(spec.resources?.requests, { cpu: '2', memory: '4Gi', gpu: '1' })
  assert.deepEqual(spec.traffic, { stableWeight: 90, canaryWeight: 10 })
  const { protocol, ...calls } = policies.traffic.calls['ml-inference'] ?? {}
  assert.equal(protocol, 'http')
  assert.deepEqual(spec.calls, calls)
})

const mistakes: [string, unknown, string][] = [
  [
    'a metric that nobody measures',
    { scaling: { ...seed.scaling, metrics: [{ type: 'Mood', averageValue: 1 }] } },
    'spec.scaling.metrics[0].type is no such text',
  ],
  [
    'a row that the scaling matrix does not have',
    { scaling: { policy: 'ml_training' } },
    'spec.scaling.policy is no such text',
  ],
  [
    'a candidate without its checksum',
    { canary: { model: { version: '2', uri: 'file:///m' } } },
    'spec.canary.model.sha256 is missing',
  ],
  [
    'memory without a unit of Kubernetes',
    { resources: { requests: { memory: '4GB' } } },
    'spec.resources.requests.memory is no such text',
  ],
  [
    'a weight above the whole',
    { traffic: { stableWeight: 101, canaryWeight: 0 } },
    'spec.traffic.stableWeight is out of bounds',
  ],
  [
    'a time without a unit',
    { calls: { timeout: '2', retries: { attempts: 1, perTry: '1.5s' } } },
    'spec.calls.timeout is no such text',
  ],
]
for (const [name, spec, objection] of mistakes)
  test(`${name} is refused`, () => assert.deepEqual(objections(mlInferenceSpec.openApi, spec), [objection]))

test('every schema is structural: each node has a type, and nothing is kept that is not named', () => {
  const nodes = (schema: OpenApi): OpenApi[] => [
    schema,
    ...(schema.type === 'object' ? Object.values(schema.properties ?? {}).flatMap(nodes) : []),
    ...(schema.type === 'array' ? nodes(schema.items) : []),
  ]
  const [version] = mlInferenceDefinition.versions
  for (const node of nodes(version.schema.openAPIV3Schema)) {
    assert.ok(node.type)
    assert.ok(!('x-kubernetes-preserve-unknown-fields' in node))
  }
})

test('an autoscaler finds the replicas and the pods', () => {
  const [version] = mlInferenceDefinition.versions
  assert.deepEqual(version.subresources.scale, {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  })
  const { properties } = version.schema.openAPIV3Schema as Extract<OpenApi, { type: 'object' }>
  const status = properties?.status as Extract<OpenApi, { type: 'object' }>
  assert.equal(status.properties?.selector?.type, 'string')
  assert.equal(status.properties?.replicas?.type, 'integer')
})
