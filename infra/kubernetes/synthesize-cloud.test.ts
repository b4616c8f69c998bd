import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Yaml } from 'cdk8s'
import { policies } from '../../policies/bundle.ts'
import { synthesize } from './synthesize.ts'
import { cloudContext } from './test/context.ts'
import { manifestsOf } from './test/manifests.ts'

for (const part of ['platform', 'services'] as const)
  test(`a cloud region's ${part} is what it was`, (t) => {
    const { manifests, releases } = synthesize('prod', part, cloudContext)
    t.assert.snapshot([...manifests, ...releases].map((one) => Yaml.stringify(one)).join('---\n'), {
      serializers: [(value) => String(value)],
    })
  })

// biome-ignore lint/suspicious/noExplicitAny: mutates what is readonly, in a copy
function changed(mutate: (copy: any) => void): string[] {
  const copy = structuredClone(policies)
  mutate(copy)
  const [before, after] = [manifestsOf('prod'), manifestsOf('prod', copy)]
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key))).sort()
}

test('more pods of the model service change what it is told, and what its namespace may ask for', () => {
  assert.deepEqual(
    changed((copy) => {
      copy.scaling.ml_inference.actions.max_replicas = 40
    }),
    [
      'ConfigMap monitoring/prometheus-config',
      'MLInference ngfw/threat-detection',
      'ResourceQuota ngfw/quota',
      'StatefulSet monitoring/prometheus',
    ],
  )
})

test('another share for a canary changes the resource alone, and more machines the pool alone', () => {
  assert.deepEqual(
    changed((copy) => {
      copy.traffic.canary.canaryWeight = 20
    }),
    ['MLInference ngfw/threat-detection'],
  )
  assert.deepEqual(
    changed((copy) => {
      copy.cloud.prod.kubernetes.pools.gpu.limits.gpu = 20
    }),
    ['NodePool gpu'],
  )
})

test('more headroom changes placeholders and what they may ask for', () => {
  assert.deepEqual(
    changed((copy) => {
      copy.cloud.prod.kubernetes.headroom['event-collector'].pods = 7
    }),
    ['Deployment headroom/headroom-event-collector', 'ResourceQuota headroom/quota'],
  )
})

test('another member of the quorum changes every file that lists the members', () => {
  assert.deepEqual(
    changed((copy) => {
      copy.cloud.prod.clickhouse.keepers.secondary = 4
    }),
    [
      'ClickHouseInstallation data/us-east-1',
      'ConfigMap data/keeper-config',
      'ResourceQuota data/quota',
      'StatefulSet data/keeper',
    ],
  )
})
