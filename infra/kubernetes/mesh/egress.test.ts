import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output, secret } from '@pulumi/pulumi'
import type { ManagedCluster } from '../context.ts'
import { synthesize } from '../synthesize.ts'
import { cloudContext } from '../test/context.ts'
import { meshObjectOf, meshOf } from './testing/mesh.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const spec = (kind: string, name: string): any => meshObjectOf(meshOf(), kind, name).spec
const traces = '*/opentelemetry-collector.telemetry.svc.cluster.local'

test('a proxy knows what its service may call, and nothing else', () => {
  const hosts = (service: string): string[] => spec('Sidecar', service).egress[0].hosts
  assert.deepEqual(hosts('event-collector'), ['siem/*.kafka.example', 'siem/pod-identity.eks.internal', traces])
  assert.deepEqual(hosts('analytics'), [
    'data/clickhouse.data.svc.cluster.local',
    'data/clickhouse-headless.data.svc.cluster.local',
    'siem/*.kafka.example',
    'siem/master.cache.example',
    'siem/pod-identity.eks.internal',
    traces,
  ])
  assert.deepEqual(hosts('clickhouse'), [
    'data/s3.us-east-1.amazonaws.com',
    'data/*.s3.us-east-1.amazonaws.com',
    'siem/pod-identity.eks.internal',
    traces,
  ])
  assert.deepEqual(hosts('ml-inference'), [
    'ngfw/nd-prod-us-east-1-models.s3.us-east-1.amazonaws.com',
    'siem/pod-identity.eks.internal',
    traces,
  ])
  assert.ok(hosts('prometheus').includes('gpu/gpu-metrics.gpu.svc.cluster.local'))
})

test('nothing leaves that is not registered, but from the services that tell somebody outside', () => {
  for (const { kind, metadata, spec } of meshOf())
    if (kind === 'Sidecar')
      assert.deepEqual(
        (spec as { outboundTrafficPolicy?: unknown }).outboundTrafficPolicy,
        { mode: ['correlation-engine', 'alertmanager'].includes(metadata.name) ? 'ALLOW_ANY' : 'REGISTRY_ONLY' },
        metadata.name,
      )
})

test('a pod that nobody described reaches nothing', () => {
  const defaults = meshOf().filter(({ kind, metadata }) => kind === 'Sidecar' && metadata.name === 'default')
  assert.deepEqual(defaults.map(({ metadata }) => metadata.namespace).sort(), ['data', 'monitoring', 'ngfw', 'siem'])
  for (const { spec } of defaults) assert.deepEqual((spec as { egress: unknown }).egress, [{ hosts: [traces] }])
})

test('what answers in the clear does so on the loopback address alone', () => {
  assert.deepEqual(spec('Sidecar', 'analytics').ingress, [
    { port: { number: 8443, name: 'https', protocol: 'HTTP' }, defaultEndpoint: '127.0.0.1:8443' },
    { port: { number: 9443, name: 'admin', protocol: 'TCP' }, defaultEndpoint: '0.0.0.0:9443' },
  ])
  for (const service of ['clickhouse', 'hot-sink', 'prometheus'])
    assert.equal(spec('Sidecar', service).ingress, undefined, service)
})

test('services of the cloud are seen by the namespaces that call them', () => {
  assert.deepEqual(spec('ServiceEntry', 'kafka'), {
    hosts: ['*.kafka.example'],
    location: 'MESH_EXTERNAL',
    resolution: 'NONE',
    exportTo: ['siem'],
    ports: [{ number: 9098, name: 'tls-kafka', protocol: 'TLS' }],
  })
  assert.deepEqual(spec('ServiceEntry', 'pod-identity').exportTo, ['siem', 'data', 'ngfw'])
  const models = spec('ServiceEntry', 's3-models')
  assert.deepEqual([models.hosts, models.exportTo], [['nd-prod-us-east-1-models.s3.us-east-1.amazonaws.com'], ['ngfw']])
  const cache = spec('ServiceEntry', 'redis')
  assert.deepEqual([cache.hosts, cache.exportTo, cache.resolution], [['master.cache.example'], ['siem'], 'DNS'])
})

test('names that are known later stand in their places', () => {
  const cluster: ManagedCluster = {
    ...(cloudContext.cluster as ManagedCluster),
    kafka: output('b-1.late.example:9098'),
    cache: { host: secret('late'), port: 6379 },
  }
  const { manifests } = synthesize('prod', 'platform', { ...cloudContext, cluster })
  const [host] = (meshObjectOf(manifests, 'ServiceEntry', 'kafka').spec as { hosts: string[] }).hosts
  assert.match(host ?? '', /^pulumi-output:\d+$/)
  assert.doesNotMatch(JSON.stringify(manifests.filter(({ kind }) => kind === 'Sidecar')), /\[object|Calling/)
})

test('a region without a way in has none in the mesh either', () => {
  const { entry, ...cluster } = cloudContext.cluster as ManagedCluster
  assert.ok(entry)
  const kinds = (context: typeof cloudContext): string[] => meshOf(undefined, context).map(({ kind }) => kind)
  assert.ok(kinds(cloudContext).includes('Ingress'))
  assert.ok(!kinds({ ...cloudContext, cluster }).includes('Ingress'))
  assert.ok(!kinds({ ...cloudContext, cluster }).includes('Certificate'))
})
