import assert from 'node:assert/strict'
import { test } from 'node:test'
import { synthesize } from '../synthesize.ts'
import { cloudContext, testContext } from '../test/context.ts'
import { type PlannedResource, plan } from './plan.ts'

const local = {
  platform: plan(synthesize('local', 'platform', testContext)),
  services: plan(synthesize('local', 'services', testContext)),
}
const prod = {
  platform: plan(synthesize('prod', 'platform', cloudContext)),
  services: plan(synthesize('prod', 'services', cloudContext)),
}

const named = (resources: readonly PlannedResource[], name: string): PlannedResource =>
  resources.find((resource) => resource.name === name) ?? assert.fail(`There is no ${name}.`)

test('an autoscaler’s replicas are left alone, where there is one', () => {
  const ignoring = prod.services.filter(({ ignoreChanges }) => ignoreChanges.length > 0)
  assert.deepEqual(ignoring.map(({ name, ignoreChanges }) => [name, ...ignoreChanges]).sort(), [
    ['deployment-siem-analytics', 'spec.replicas'],
    ['deployment-siem-event-collector', 'spec.replicas'],
    ['deployment-siem-hot-sink', 'spec.replicas'],
    ['mlinference-ngfw-threat-detection', 'spec.replicas', 'spec.traffic'],
  ])
  assert.ok(local.services.every(({ ignoreChanges }) => ignoreChanges.length === 0))
})

test('what keeps data is protected outside the local environment', () => {
  assert.deepEqual(
    prod.platform
      .filter(({ protect }) => protect)
      .map(({ name }) => name)
      .sort(),
    [
      'clickhouseinstallation-data-us-east-1',
      'elasticsearch-data-elasticsearch',
      'statefulset-data-keeper',
      'statefulset-monitoring-alertmanager',
      'statefulset-monitoring-prometheus',
    ],
  )
  assert.ok([...local.platform, ...local.services].every(({ protect }) => !protect))
})

test('namespaces come first, then files, then the topics, then what serves', () => {
  assert.deepEqual(named(local.platform, 'namespace-data').after, [])
  assert.ok(named(local.platform, 'secret-data-kafka-tls').after.includes('namespace-data'))
  const kafka = named(local.platform, 'statefulset-data-kafka').after
  for (const name of [
    'namespace-data',
    'secret-data-kafka-tls',
    'persistentvolume-kafka-0',
    'resourcequota-data-quota',
  ])
    assert.ok(kafka.includes(name), name)
  const job = local.services.find(({ name }) => name.startsWith('job-data-topics-')) ?? assert.fail()
  assert.ok(named(local.services, 'deployment-siem-event-collector').after.includes(job.name))
})

test('addresses wait for pods, and pods for no address but the name server’s', () => {
  const kafka = named(local.platform, 'statefulset-data-kafka')
  assert.ok(named(local.platform, 'service-data-kafka').after.includes(kafka.name))
  assert.deepEqual(
    kafka.after.filter((name) => name.startsWith('service-') && !name.endsWith('-headless')),
    ['service-kube-system-kube-dns'],
  )
  assert.ok(kafka.after.includes('service-data-kafka-headless'))
})

test('a scaled object follows what it scales', () => {
  const { after } = named(prod.services, 'scaledobject-siem-analytics')
  assert.ok(after.includes('deployment-siem-analytics'))
})

test('a controller stands before what it acts on, and after what it needs itself', () => {
  const order = [
    'namespace-cert-manager',
    'release-cert-manager-cert-manager',
    'release-cert-manager-aws-privateca-issuer',
    'awspcaclusterissuer-neurodefender',
    'release-cert-manager-cert-manager-istio-csr',
    'release-istio-system-istiod',
    'release-clickhouse-operator-clickhouse-operator',
    'certificate-data-clickhouse',
    'clickhouseinstallation-data-us-east-1',
    'deployment-headroom-headroom-ml-inference',
  ]
  order.forEach((name, i) => {
    const { after } = named(prod.platform, name)
    for (const earlier of order.slice(0, i)) assert.ok(after.includes(earlier), `${name} must wait for ${earlier}`)
  })
})

test('machines can be started before anything asks for one', () => {
  const pools = ['general', 'data', 'gpu'].map((pool) => `nodepool-${pool}`)
  const pods = prod.platform.filter(({ name }) =>
    /^(statefulset|deployment|clickhouseinstallation|elasticsearch)-/.test(name),
  )
  assert.ok(pods.length > 0)
  for (const { after } of pods) for (const pool of pools) assert.ok(after.includes(pool))
  assert.ok(named(prod.platform, 'nodepool-gpu').after.includes('release-kube-system-karpenter'))
})

test('no release is protected by Pulumi, and none exists in a local region', () => {
  assert.ok(prod.platform.some(({ kind }) => kind === 'release'))
  assert.ok(prod.platform.every(({ kind, protect }) => kind === 'object' || !protect))
  for (const { kind } of [...local.platform, ...local.services, ...prod.services]) assert.equal(kind, 'object')
})
