import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from '../../../policies/bundle.ts'
import type { PortName, ServicePolicy } from '../../../policies/model/service.ts'
import type { Manifest } from '../synthesize.ts'
import { allowed } from './testing/evaluate.ts'
import { meshOf } from './testing/mesh.ts'
import type { AuthorizationSpec } from './types.ts'

const domain = policies.cloud.prod?.domain
const gateway = `${domain}/ns/istio-system/sa/istio-ingressgateway`
const principal = (service: string, { namespace }: ServicePolicy): string => `${domain}/ns/${namespace}/sa/${service}`
/** Services without a proxy of ours: AWS's, and pods that speak for themselves. */
const outside = ['kafka', 'redis', 'keeper', 'elasticsearch', 'topics', 'operator', 'forecaster']

/** Controllers of others that must be heard too. */
const operators = {
  prometheus: ['keda/sa/keda-operator', 'https'],
  clickhouse: ['clickhouse-operator/sa/clickhouse-operator-altinity-clickhouse-operator', 'clickhouse'],
} as const

/** "caller → service:port" of everything that the graph opens in the cluster, and for operators. */
const graph = (services: Readonly<Record<string, ServicePolicy>>): Set<string> =>
  new Set(
    Object.entries(services).flatMap(([name, service]) => [
      ...service.calls.flatMap((call) =>
        outside.includes(call.service)
          ? []
          : [`${principal(name, service)} → ${call.service}:${services[call.service]?.ports[call.port]}`],
      ),
      ...Object.entries(operators).flatMap(([of, [account, port]]) =>
        of === name && service.ports[port] ? [`${domain}/ns/${account} → ${name}:${service.ports[port]}`] : [],
      ),
      ...(service.entry && !outside.includes(name) ? [`${gateway} → ${name}:${service.ports[service.entry]}`] : []),
    ]),
  )

/** The same, by asking the objects about every caller, every service and every port that anybody listens on. */
function opened(manifests: readonly Manifest[], services: Readonly<Record<string, ServicePolicy>>): Set<string> {
  const all = Object.entries(services)
  const ports = new Set([...all.flatMap(([, { ports }]) => Object.values(ports)), 22, 15_443])
  const callers = [
    ...all.map(([name, service]) => principal(name, service)),
    gateway,
    ...Object.values(operators).map(([account]) => `${domain}/ns/${account}`),
    `${domain}/ns/siem/sa/default`,
    'elsewhere.example/ns/siem/sa/analytics',
    undefined,
  ]
  return new Set(
    all
      .filter(([name]) => !outside.includes(name))
      .flatMap(([name, { namespace }]) => {
        const pod = { namespace, labels: { 'app.kubernetes.io/name': name } }
        return callers.flatMap((caller) =>
          [...ports]
            .filter((port) => allowed(manifests, caller, pod, port))
            .map((port) => `${caller} → ${name}:${port}`),
        )
      }),
  )
}

test('what may be called is the service graph and the entries, no more and no less', () => {
  const expected = graph(policies.services)
  assert.ok(expected.has(`${domain}/ns/siem/sa/hot-sink → clickhouse:8443`))
  assert.deepEqual(opened(meshOf(), policies.services), expected)
})

const names = [
  'event-collector',
  'hot-sink',
  'analytics',
  'clickhouse',
  'prometheus',
  'topics',
  'kafka',
  'redis',
] as const
const portNames = ['https', 'admin', 'clickhouse'] as const satisfies readonly PortName[]

/** A graph of the same services with other namespaces, ports, edges and entries. */
const graphs = fc
  .record(
    Object.fromEntries(
      names.map((name) => [
        name,
        fc.record({
          namespace: fc.constantFrom('siem', 'data', 'monitoring', 'ngfw'),
          ports: fc.uniqueArray(fc.integer({ min: 1_024, max: 9_999 }), { minLength: 3, maxLength: 3 }),
          calls: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...portNames)), {
            maxLength: 5,
            selector: String,
          }),
          entry: fc.option(fc.constantFrom(...portNames), { nil: undefined }),
        }),
      ]),
    ),
  )
  .map(
    (all): Record<string, ServicePolicy> =>
      Object.fromEntries(
        Object.entries(all).map(([name, { namespace, ports, calls, entry }]) => [
          name,
          {
            namespace,
            ports: Object.fromEntries(portNames.map((port, i) => [port, ports[i] as number])),
            calls: calls.map(([service, port]) => ({ service, port })),
            ...(entry ? { entry } : {}),
            metrics: {},
            startup: '30s',
            grace: '30s',
          } as ServicePolicy,
        ]),
      ),
  )

test('whatever the graph is, the objects open exactly its edges', () => {
  fc.assert(
    fc.property(graphs, (services) => {
      assert.deepEqual(opened(meshOf({ ...policies, services }), services), graph(services))
    }),
    { numRuns: 40 },
  )
})

test('each edge has one rule', () => {
  const rules = meshOf()
    .filter(({ kind, metadata }) => kind === 'AuthorizationPolicy' && !metadata.namespace?.startsWith('istio-'))
    .flatMap(({ metadata, spec }) =>
      ((spec as AuthorizationSpec).rules ?? []).map(
        ({ from, to }) => `${from?.[0].source.principals} → ${metadata.name}:${to[0].operation.ports}`,
      ),
    )
  assert.deepEqual(rules.sort(), [...graph(policies.services)].sort())
})

test('nobody is let in by default, in any namespace with a service', () => {
  const denied = meshOf().filter(({ kind, metadata }) => kind === 'AuthorizationPolicy' && metadata.name === 'deny-all')
  assert.deepEqual(denied.map(({ metadata }) => metadata.namespace).sort(), [
    'data',
    'istio-system',
    'monitoring',
    'ngfw',
    'siem',
  ])
  for (const { spec } of denied) assert.deepEqual(spec, {})
})

test('mutual TLS is strict in the whole mesh, and nothing weakens it', () => {
  const manifests = meshOf()
  const peers = manifests.filter(({ kind }) => kind === 'PeerAuthentication')
  assert.deepEqual(
    peers.map(({ metadata, spec }) => [metadata.namespace, spec]),
    [['istio-system', { mtls: { mode: 'STRICT' } }]],
  )
  for (const { kind, spec } of manifests)
    if (kind === 'DestinationRule') assert.match(JSON.stringify(spec), /"tls":\{"mode":"ISTIO_MUTUAL"\}/)
  assert.doesNotMatch(JSON.stringify(manifests), /"(DISABLE|PERMISSIVE|UNSET)"/)
})

test('a pod in a namespace that nobody thought of hears nobody', () => {
  const pod = { namespace: 'elsewhere', labels: { 'app.kubernetes.io/name': 'analytics' } }
  for (const caller of [gateway, undefined]) assert.equal(allowed(meshOf(), caller, pod, 8443), false)
})

test('the gateways are open on their one port', () => {
  const at = (namespace: string, istio: string, port: number) =>
    allowed(meshOf(), undefined, { namespace, labels: { istio } }, port)
  assert.ok(at('istio-system', 'eastwestgateway', 15_443))
  assert.ok(at('istio-system', 'ingressgateway', 8443))
  assert.ok(!at('istio-system', 'eastwestgateway', 15_012))
  assert.ok(!at('istio-system', 'ingressgateway', 15_443))
})
