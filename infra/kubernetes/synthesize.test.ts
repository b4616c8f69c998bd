import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Yaml } from 'cdk8s'
import { policies } from '../../policies/bundle.ts'
import { synthesize } from './synthesize.ts'
import { cloudContext, testContext } from './test/context.ts'
import { keyOf, manifestsOf } from './test/manifests.ts'

for (const part of ['platform', 'services'] as const)
  test(`the local ${part} is what it was`, (t) => {
    const { manifests } = synthesize('local', part, testContext)
    t.assert.snapshot(manifests.map((manifest) => Yaml.stringify(manifest)).join('---\n'), {
      serializers: [(value) => String(value)],
    })
  })

test('synthesis is a function of its arguments', () => {
  assert.deepEqual(
    synthesize('local', 'platform', testContext).manifests,
    synthesize('local', 'platform', testContext).manifests,
  )
})

test('no two objects of an environment have one name', () => {
  for (const environment of ['local', 'staging', 'prod'] as const) {
    const seen = new Map<string, number>()
    const all = (['platform', 'services'] as const).flatMap(
      (part) => synthesize(environment, part, environment === 'local' ? testContext : cloudContext).manifests,
    )
    for (const manifest of all) seen.set(keyOf(manifest), (seen.get(keyOf(manifest)) ?? 0) + 1)
    assert.deepEqual(
      [...seen].filter(([, count]) => count > 1),
      [],
    )
  }
})

/** Keys of the objects that differ when the policies do. */
function changed(mutate: (copy: typeof policies) => void): string[] {
  const copy = structuredClone(policies)
  mutate(copy)
  const [before, after] = [manifestsOf('local'), manifestsOf('local', copy)]
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key))).sort()
}

// biome-ignore lint/suspicious/noExplicitAny: mutates what is readonly, in a copy
const writable = (copy: typeof policies): any => copy

test('a scaling threshold changes the rules, and the Prometheus that reads them', () => {
  assert.deepEqual(
    changed((copy) => {
      writable(copy).scaling.ml_inference.metrics[0].threshold = 2_000
    }),
    ['ConfigMap monitoring/prometheus-config', 'StatefulSet monitoring/prometheus'],
  )
})

test('more replicas also change what the namespace may ask for', () => {
  assert.deepEqual(
    changed((copy) => {
      writable(copy).scaling.hot_sink.actions.max_replicas = 9
    }),
    ['ConfigMap monitoring/prometheus-config', 'ResourceQuota siem/quota', 'StatefulSet monitoring/prometheus'],
  )
  assert.deepEqual(
    changed((copy) => {
      writable(copy).scaling.analytics.actions.min_replicas = 2
    }),
    [
      'ConfigMap monitoring/prometheus-config',
      'Deployment siem/analytics',
      'PodDisruptionBudget siem/analytics',
      'StatefulSet monitoring/prometheus',
    ],
  )
})

test('another port of Kafka changes everyone who names it and nobody else', () => {
  assert.deepEqual(
    changed((copy) => {
      writable(copy).services.kafka.ports.kafka = 9193
    }).filter((key) => !/^Job /.test(key)),
    [
      'ConfigMap data/kafka-config',
      'Deployment siem/analytics',
      'Deployment siem/event-collector',
      'Deployment siem/hot-sink',
      'NetworkPolicy data/kafka',
      'NetworkPolicy data/topics',
      'NetworkPolicy siem/analytics',
      'NetworkPolicy siem/correlation-engine',
      'NetworkPolicy siem/event-collector',
      'NetworkPolicy siem/hot-sink',
      'NetworkPolicy siem/shard-manager',
      'Service data/kafka',
      'Service data/kafka-headless',
      'StatefulSet data/kafka',
      'StatefulSet siem/correlation-engine',
      'StatefulSet siem/shard-manager',
    ],
  )
})

test('a job that is told something else is another job', () => {
  const jobs = changed((copy) => {
    writable(copy).services.kafka.ports.kafka = 9193
  }).filter((key) => /^Job /.test(key))
  assert.equal(jobs.length, 2)
})
