import assert from 'node:assert/strict'
import { test } from 'node:test'
import { services } from '../../../policies/services.ts'
import { manifestsOf } from '../test/manifests.ts'

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
  readonly namespaceSelector: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> }
}
interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports: readonly { readonly port: number; readonly protocol: string }[]
}
interface Policy {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> }
  readonly policyTypes: readonly string[]
  readonly ingress?: readonly Rule[]
  readonly egress?: readonly Rule[]
}

const policies = [...manifestsOf('local').values()]
  .filter(({ kind }) => kind === 'NetworkPolicy')
  .map(({ metadata, spec }) => ({ namespace: metadata.namespace, name: metadata.name, spec: spec as Policy }))
const deployed = policies.filter(({ name }) => name !== 'deny-all')

const label = 'app.kubernetes.io/name'
const at = ({ namespaceSelector, podSelector, ipBlock }: Peer): string => {
  if (ipBlock) return ipBlock.cidr
  return `${namespaceSelector.matchLabels['kubernetes.io/metadata.name']}/${podSelector.matchLabels[label] ?? podSelector.matchLabels['k8s-app']}`
}

const localServices = Object.entries(services).filter(([, service]) => !('only' in service))
const here = new Set(localServices.map(([name]) => name))

/** The edges that the graph says, of what is deployed: "from → to:port". A region without a mesh has no pods in ngfw. */
const graph = localServices.flatMap(([from, { namespace, calls }]) =>
  calls
    .filter(({ service }) => here.has(service))
    .map(({ service, port }) => {
      const target = services[service as keyof typeof services]
      return `${namespace}/${from} → ${target.namespace}/${service}:${(target.ports as Record<string, number>)[port]}`
    }),
)

/** What a region without a mesh has no pods of. */
const absent = ['ngfw/', 'monitoring/forecaster']
const from = (edge: string) => absent.some((name) => edge.startsWith(name))
const to = (edge: string) => absent.some((name) => edge.includes(`→ ${name}`))

const sorted = (edges: readonly string[]): string[] => [...edges].sort()

test('every namespace starts from nothing allowed', () => {
  const denied = policies.filter(({ name }) => name === 'deny-all')
  assert.deepEqual(sorted(denied.map(({ namespace }) => namespace ?? '')), ['data', 'monitoring', 'siem'])
  for (const { spec } of denied) assert.deepEqual(spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
})

test('what may be left is the edges of the graph, the name server, and the internet for webhooks', () => {
  const edges = deployed.flatMap(({ namespace, name, spec }) =>
    (spec.egress ?? []).flatMap(({ to = [], ports }) =>
      to.flatMap((peer) => ports.map(({ port }) => `${namespace}/${name} → ${at(peer)}:${port}`)),
    ),
  )
  const dns = deployed.flatMap(({ namespace, name }) =>
    [53, 53, 5353, 5353].map((port) => `${namespace}/${name} → kube-system/kube-dns:${port}`),
  )
  assert.deepEqual(
    sorted(edges),
    sorted([...graph.filter((edge) => !from(edge)), ...dns, 'siem/correlation-engine → 0.0.0.0/0:443']),
  )
})

test('of the internet, no address that may be one of our own network', () => {
  const [rule] = deployed.flatMap(({ spec }) =>
    (spec.egress ?? []).filter(({ to }) => to?.some(({ ipBlock }) => ipBlock)),
  )
  const except = rule?.to?.[0]?.ipBlock?.except ?? []
  for (const network of ['10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'])
    assert.ok(except.includes(network), network)
})

test('what may come in is the edges of the graph, and everybody at an entry and at open inlets', () => {
  const edges = deployed.flatMap(({ namespace, name, spec }) =>
    (spec.ingress ?? []).flatMap(({ from, ports }) =>
      (from?.map(at) ?? ['anyone']).flatMap((peer) =>
        ports.map(({ port }) => `${peer} → ${namespace}/${name}:${port}`),
      ),
    ),
  )
  const entries = [
    ...[8443, 6514, 5514, 5514].map((port) => `anyone → siem/event-collector:${port}`),
    'anyone → siem/analytics:8443',
    'anyone → siem/shard-manager:8443',
    'anyone → monitoring/prometheus:9090',
  ]
  assert.deepEqual(sorted(edges), sorted([...graph.filter((edge) => !to(edge)), ...entries]))
})

test('a policy closes both directions of exactly one service', () => {
  for (const { name, spec } of deployed) {
    assert.deepEqual(spec.policyTypes, ['Ingress', 'Egress'])
    assert.deepEqual(spec.podSelector, { matchLabels: { [label]: name } })
  }
})
