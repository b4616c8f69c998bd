import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { chartScope } from '../context.ts'
import { cloudContext, testContext } from '../test/context.ts'
import { find, manifestsOf, podOf } from '../test/manifests.ts'
import { brokerProperties, clusterId } from './kafka.ts'

const local = chartScope('local', testContext, policies)
const prod = chartScope('prod', cloudContext, policies)
const read = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

test('nobody speaks to a broker in the clear or without a certificate', () => {
  const properties = read(brokerProperties(local, 0))
  assert.equal(properties['ssl.client.auth'], 'required')
  assert.equal(properties['listener.security.protocol.map'], 'SSL:SSL,CONTROLLER:SSL')
  assert.ok(!Object.values(properties).some((value) => value.includes('PLAINTEXT')))
})

test('topics are made by the job alone', () => {
  assert.equal(read(brokerProperties(local, 0))['auto.create.topics.enable'], 'false')
})

test('replication follows from the environment', () => {
  const properties = read(brokerProperties(prod, 2))
  assert.equal(properties['node.id'], '2')
  assert.equal(properties['default.replication.factor'], '3')
  assert.equal(properties['min.insync.replicas'], '2')
  assert.equal(properties['num.partitions'], '256')
  assert.equal(properties['controller.quorum.voters']?.split(',').length, 3)
  assert.equal(properties['advertised.listeners'], 'SSL://kafka-2.kafka-headless.data.svc.cluster.local:9093')
})

test('each pod reads the file with its own name', () => {
  const manifests = manifestsOf('local')
  const config = find(manifests, 'ConfigMap data/kafka-config').data as Record<string, string>
  assert.deepEqual(Object.keys(config), ['kafka-0.properties'])
  const pod = podOf(find(manifests, 'StatefulSet data/kafka'))
  for (const container of [...pod.containers, ...pod.initContainers]) {
    const mount = container.volumeMounts.find((m: { subPathExpr?: string }) => m.subPathExpr)
    assert.deepEqual(mount, {
      mountPath: '/etc/kafka/server.properties',
      name: 'config',
      readOnly: true,
      subPathExpr: '$(ND_POD).properties',
    })
    assert.equal(container.env[0].name, 'ND_POD')
  }
})

test('the key and the chain are one file, as Kafka wants them', () => {
  const { data } = find(manifestsOf('local'), 'Secret data/kafka-keystore') as unknown as {
    data: Record<string, string>
  }
  assert.equal(Buffer.from(data['keystore.pem'] ?? '', 'base64').toString(), 'kafka key\n\nkafka certificate\n')
})

test('a region keeps its identity, and no two regions have one', () => {
  assert.match(clusterId(local), /^[A-Za-z0-9_-]{22}$/)
  assert.equal(clusterId(local), clusterId({ ...local }))
  assert.notEqual(clusterId(local), clusterId(prod))
})

test('in a cloud no broker is a pod, and callers are who their role says', () => {
  const manifests = manifestsOf('prod')
  const pods = [...manifests.keys()].filter((key) => /^(Deployment|StatefulSet|Service|Secret|Certificate) /.test(key))
  assert.ok(!pods.some((key) => key.includes('/kafka') || key.includes('/redis')))
  for (const key of ['Deployment siem/event-collector', 'Deployment siem/hot-sink']) {
    const env = podOf(find(manifests, key)).containers[0].env as { name: string; value: string }[]
    assert.deepEqual(
      env.filter(({ name }) => name.startsWith('ND_KAFKA')),
      [
        {
          name: 'ND_KAFKA_BROKERS',
          value: 'b-1.kafka.example:9098,b-2.kafka.example:9098,b-3.kafka.example:9098',
        },
        { name: 'ND_KAFKA_AUTH', value: 'iam' },
      ],
    )
  }
  const analytics = podOf(find(manifests, 'Deployment siem/analytics')).containers[0].env as {
    name: string
    value: string
  }[]
  assert.equal(analytics.find(({ name }) => name === 'ND_REDIS_URL')?.value, 'rediss://master.cache.example:6379')
})
