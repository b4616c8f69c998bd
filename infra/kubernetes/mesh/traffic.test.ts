import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retries } from '../../../policies/calls.ts'
import { changed as policiesWith } from '../../../policies/checks/testing/change.ts'
import { links } from '../../../policies/regions.ts'
import { traffic } from '../../../policies/traffic.ts'
import { meshObjectOf, meshOf } from './testing/mesh.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const spec = (kind: string, name: string, of = meshOf()): any => meshObjectOf(of, kind, name).spec

test('a service’s callers behave as its policy says', () => {
  const { connections, outlier } = traffic.calls.clickhouse
  const { trafficPolicy, host } = spec('DestinationRule', 'clickhouse')
  assert.equal(host, 'clickhouse.data.svc.cluster.local')
  assert.equal(trafficPolicy.connectionPool.tcp.maxConnections, connections.most)
  assert.equal(trafficPolicy.connectionPool.http.http1MaxPendingRequests, connections.pending)
  assert.equal(trafficPolicy.outlierDetection.consecutive5xxErrors, outlier.errors)
  assert.equal(trafficPolicy.outlierDetection.baseEjectionTime, outlier.ejection)
  assert.equal(trafficPolicy.outlierDetection.maxEjectionPercent, 50)
  assert.equal(trafficPolicy.outlierDetection.minHealthPercent, 0)
})

test('callers speak mutual TLS to every service, and to its single pods', () => {
  const rules = meshOf().filter(({ kind }) => kind === 'DestinationRule')
  const mutual = rules.flatMap(({ metadata, spec }) =>
    (spec as { trafficPolicy: { tls: { mode: string } } }).trafficPolicy.tls.mode === 'ISTIO_MUTUAL'
      ? [metadata.name]
      : [],
  )
  const services = [
    'alertmanager',
    'analytics',
    'clickhouse',
    'correlation-engine',
    'event-collector',
    'hot-sink',
    'prometheus',
    'shard-manager',
  ]
  assert.deepEqual(mutual.sort(), services.flatMap((name) => [name, `${name}-headless`]).sort())
  assert.equal(mutual.length, rules.length)
})

test('requests at an entry end when its policy says, whoever sends them', () => {
  const { hosts, gateways, http } = spec('VirtualService', 'analytics')
  const [route] = http
  assert.deepEqual(hosts, [
    'analytics.siem.svc.cluster.local',
    'analytics.neurodefender.example',
    'analytics.us-east-1.neurodefender.example',
  ])
  assert.deepEqual(gateways, ['mesh', 'istio-system/istio-ingressgateway'])
  assert.equal(route.timeout, traffic.calls.analytics.timeout)
  assert.deepEqual(route.route, [{ destination: { host: 'analytics.siem.svc.cluster.local', port: { number: 8443 } } }])
})

test('where proxies see no requests, nothing is said about them', () => {
  const routed = meshOf().flatMap(({ kind, metadata }) => (kind === 'VirtualService' ? [metadata.name] : []))
  assert.deepEqual(routed, ['event-collector', 'analytics'])
})

test('a call is tried once where nothing else is said, and what is tried again was begun by nobody', () => {
  assert.deepEqual(spec('VirtualService', 'analytics').http[0].retries, { attempts: 0 })
  assert.deepEqual(retries({ attempts: 3, perTry: '500ms' }, { pure: false }), {
    attempts: 2,
    perTryTimeout: '500ms',
    retryOn: 'connect-failure,refused-stream,reset-before-request',
  })
})

test('each value of a call’s policy changes its own objects and no other', () => {
  const before = meshOf()
  const changed = (path: string, value: unknown): string[] => {
    const after = meshOf(policiesWith({ [path]: value }))
    return before.flatMap((object, i) =>
      JSON.stringify(object) === JSON.stringify(after[i]) ? [] : [`${object.kind} ${object.metadata.name}`],
    )
  }
  for (const [path, value] of [
    ['connections.most', 7],
    ['connections.pending', 7],
    ['outlier.errors', 7],
    ['outlier.interval', '7s'],
    ['outlier.ejection', '7s'],
    ['outlier.mostEjected', 0.7],
  ] as const)
    assert.deepEqual(changed(`traffic.calls.analytics.${path}`, value), ['DestinationRule analytics'], path)
  assert.deepEqual(changed('traffic.calls.analytics.timeout', '7s'), ['VirtualService analytics'])
  assert.deepEqual(changed('traffic.calls.analytics.retries', { attempts: 2, perTry: '6s' }), [
    'VirtualService analytics',
  ])
  assert.deepEqual(changed('tracing.oneIn', 2), ['Telemetry mesh'])
})

test('what a region calls inside goes to the linked region with the same data, then to the nearest', () => {
  const balancer = (service: string) => spec('DestinationRule', service).trafficPolicy.loadBalancer.localityLbSetting
  assert.deepEqual(balancer('clickhouse'), {
    enabled: true,
    failover: [
      { from: 'us-east-1', to: 'us-east-2' },
      { from: 'us-east-2', to: 'us-east-1' },
      { from: 'us-west-2', to: 'us-east-2' },
    ],
  })
})

test('a link’s end decides where calls go, and another law stops them', () => {
  const failover = (changes: Record<string, unknown>) =>
    spec('DestinationRule', 'clickhouse', meshOf(policiesWith(changes))).trafficPolicy.loadBalancer.localityLbSetting
      .failover
  assert.deepEqual(failover({ links: [links[1]] }), [
    { from: 'us-east-1', to: 'us-west-2' },
    { from: 'us-west-2', to: 'us-east-1' },
  ])
  assert.deepEqual(failover({ 'regions.us-east-2.jurisdiction': 'eu' }), [
    { from: 'us-east-1', to: 'us-west-2' },
    { from: 'us-west-2', to: 'us-east-1' },
  ])
})

test('at an entry DNS chooses the region, not the mesh', () => {
  for (const service of ['event-collector', 'analytics'])
    assert.deepEqual(spec('DestinationRule', service).trafficPolicy.loadBalancer.localityLbSetting, { enabled: true })
})

test('the objects of ml-inference are left to its operator', () => {
  const own = meshOf().filter(
    ({ kind, metadata }) => ['DestinationRule', 'VirtualService'].includes(kind) && metadata.name === 'ml-inference',
  )
  assert.deepEqual(own, [])
})
