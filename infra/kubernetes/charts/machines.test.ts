import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { find, manifestsOf, podOf } from '../test/manifests.ts'

const prod = manifestsOf('prod')
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const specOf = (key: string): any => find(prod, key).spec
const pools = policies.cloud.prod?.kubernetes.pools ?? assert.fail()

test('a machine gives its credentials to no pod, and its disk is encrypted', () => {
  const spec = specOf('EC2NodeClass neurodefender')
  assert.deepEqual([spec.metadataOptions.httpTokens, spec.metadataOptions.httpPutResponseHopLimit], ['required', 1])
  for (const { ebs } of spec.blockDeviceMappings) assert.deepEqual([ebs.volumeType, ebs.encrypted], ['gp3', true])
  assert.equal(spec.associatePublicIPAddress, false)
})

test('a machine’s image is one release and never the latest', () => {
  const [{ alias }] = specOf('EC2NodeClass neurodefender').amiSelectorTerms
  assert.match(alias, /^al2023@v\d{8}$/)
})

test('who pays for a machine stands on it', () => {
  const { tags } = specOf('EC2NodeClass neurodefender')
  assert.equal(tags.CostCentre, 'platform')
  assert.equal(tags.Environment, 'prod')
})

for (const [name, pool] of Object.entries(pools))
  test(`the pool ${name} is what its policy says, in the region’s zones`, () => {
    const spec = specOf(`NodePool ${name}`)
    const values = (key: string) => spec.template.spec.requirements.find((r: { key: string }) => r.key === key)?.values
    assert.deepEqual(values('node.kubernetes.io/instance-type'), pool.instances)
    assert.deepEqual(values('kubernetes.io/arch'), [pool.architecture])
    assert.deepEqual(values('karpenter.sh/capacity-type'), [pool.capacity])
    assert.deepEqual(values('topology.kubernetes.io/zone'), ['us-east-1a', 'us-east-1b', 'us-east-1c'])
    const { cpu, memory, gpu } = pool.limits
    assert.deepEqual(spec.limits, { cpu, memory, ...(gpu ? { 'nvidia.com/gpu': gpu } : {}) })
    assert.ok(spec.disruption.budgets.length > 0)
  })

test('only pods that name a GPU or keep data stand on such machines', () => {
  const taints = (name: string) => specOf(`NodePool ${name}`).template.spec.taints
  assert.equal(taints('general'), undefined)
  assert.deepEqual(taints('gpu'), [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }])
  assert.deepEqual(taints('data'), [{ key: 'neurodefender.io/pool', value: 'data', effect: 'NoSchedule' }])
})

test('data moves for no money, and one machine at a time', () => {
  const { disruption, template } = specOf('NodePool data')
  assert.equal(disruption.consolidationPolicy, 'WhenEmpty')
  assert.deepEqual(disruption.budgets, [{ nodes: '1' }])
  assert.equal(template.spec.expireAfter, 'Never')
})

test('every pod of ours selects a pool, and tolerates what that pool keeps others away with', () => {
  for (const [key, manifest] of prod) {
    if (!/^(Deployment|StatefulSet|Job) /.test(key)) continue
    const { nodeSelector, tolerations = [] } = podOf(manifest)
    const pool = nodeSelector['neurodefender.io/pool']
    const taints = specOf(`NodePool ${pool}`).template.spec.taints ?? []
    assert.deepEqual(
      tolerations.map((t: { key: string; value: string }) => `${t.key}=${t.value}`),
      taints.map((t: { key: string; value: string }) => `${t.key}=${t.value}`),
      key,
    )
  }
})

test('what keeps data stands on machines for data, and everything else does not', () => {
  const pools = (pool: string): string[] =>
    [...prod]
      .filter(([key, manifest]) => {
        if (!/^(Deployment|StatefulSet|Job) (?!headroom)/.test(key)) return false
        return podOf(manifest).nodeSelector['neurodefender.io/pool'] === pool
      })
      .map(([, { metadata }]) => metadata.name.replace(/^topics-.*/, 'topics'))
      .sort()
  assert.deepEqual(pools('data'), ['alertmanager', 'keeper', 'prometheus'])
  assert.deepEqual(pools('general'), [
    'analytics',
    'correlation-engine',
    'event-collector',
    'forecaster',
    'hot-sink',
    'operator',
    'shard-manager',
    'topics',
  ])
})
