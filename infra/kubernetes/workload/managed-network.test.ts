import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ManagedCluster } from '../context.ts'
import { cloudContext } from '../test/context.ts'
import { find, manifestsOf } from '../test/manifests.ts'
import { replicaPorts } from './managed-network.ts'

interface Peer {
  readonly ipBlock?: { readonly cidr: string }
  readonly namespaceSelector?: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> }
}
interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports: readonly { readonly port: number }[]
}

const prod = manifestsOf('prod')
const { network, peers } = cloudContext.cluster as ManagedCluster
const here = [network]
const everywhere = [network, ...peers]

const at = ({ ipBlock, namespaceSelector, podSelector }: Peer): string => {
  const labels = podSelector?.matchLabels ?? {}
  const pod = labels['app.kubernetes.io/name'] ?? labels['k8s-app'] ?? labels.app ?? labels.istio ?? '*'
  return ipBlock?.cidr ?? `${namespaceSelector?.matchLabels['kubernetes.io/metadata.name']}/${pod}`
}

function open(policy: string, direction: 'ingress' | 'egress'): string[] {
  const spec = find(prod, `NetworkPolicy ${policy}`).spec as Record<'ingress' | 'egress', readonly Rule[]>
  return spec[direction].flatMap(
    ({ from, to, ports }) =>
      (from ?? to)?.flatMap((peer) => ports.map(({ port }) => `${at(peer)}:${port}`)) ??
      ports.map(({ port }) => `anyone:${port}`),
  )
}
const only = (edges: readonly string[], ...ports: readonly number[]) =>
  edges.filter((edge) => ports.includes(Number(edge.split(':').at(-1))))

test('what AWS runs is reached by the network’s addresses, and no peer’s', () => {
  for (const service of ['siem/event-collector', 'siem/hot-sink', 'siem/analytics', 'data/topics'])
    assert.deepEqual(
      only(open(service, 'egress'), 9098),
      here.map((cidr) => `${cidr}:9098`),
      service,
    )
  assert.deepEqual(only(open('siem/analytics', 'egress'), 6379), [`${network}:6379`])
})

test('who acts in AWS reaches the agent that knows its role, and nobody else does', () => {
  const agent = '169.254.170.23/32:80'
  const policies = [...prod.keys()].filter((key) => /^NetworkPolicy .*\/(?!deny-all)/.test(key))
  const allowed = policies
    .map((key) => key.slice('NetworkPolicy '.length))
    .filter((name) => {
      const edges = open(name, 'egress')
      // The operator finds the API server at an endpoint there.
      if (name !== 'ngfw/operator') assert.equal(edges.includes(agent), edges.includes(`${network}:443`), name)
      return edges.includes(agent)
    })
  assert.deepEqual(allowed.sort(), [
    'data/clickhouse',
    'data/topics',
    'ngfw/ml-inference',
    'siem/analytics',
    'siem/correlation-engine',
    'siem/event-collector',
    'siem/hot-sink',
    'siem/shard-manager',
  ])
})

test('public addresses reach who keeps something in S3, and who calls webhooks or people', () => {
  const names = [...prod.keys()].flatMap((key) => /^NetworkPolicy (.*\/(?!deny-all).*)/.exec(key)?.[1] ?? [])
  assert.deepEqual(names.filter((name) => open(name, 'egress').includes('0.0.0.0/0:443')).sort(), [
    'data/clickhouse',
    'monitoring/alertmanager',
    'ngfw/ml-inference',
    'siem/correlation-engine',
  ])
})

test('copies reach each other in every region of the environment, on their own ports alone', () => {
  assert.deepEqual(
    only(open('data/keeper', 'ingress'), 9234).filter((edge) => edge.startsWith('10.')),
    everywhere.map((cidr) => `${cidr}:9234`),
  )
  for (const direction of ['ingress', 'egress'] as const)
    assert.deepEqual(
      only(open('data/clickhouse', direction), ...Object.values(replicaPorts)).sort(),
      everywhere.flatMap((cidr) => Object.values(replicaPorts).map((port) => `${cidr}:${port}`)).sort(),
      direction,
    )
  assert.ok(only(open('data/clickhouse', 'egress'), 9281).includes(`${peers[0]}:9281`))
})

test('a pod of the mesh reaches its control plane; one that speaks for itself does not', () => {
  assert.ok(open('siem/analytics', 'egress').includes('istio-system/istiod:15012'))
  assert.ok(!open('data/keeper', 'egress').some((edge) => edge.startsWith('istio-system/')))
  assert.ok(!open('data/elasticsearch', 'ingress').some((edge) => edge.startsWith('istio-system/')))
})

test('callers elsewhere come through the gateway, to ports that the graph has a caller for', () => {
  assert.deepEqual(
    open('data/clickhouse', 'ingress')
      .filter((edge) => edge.includes('eastwest'))
      .sort(),
    ['istio-system/eastwestgateway:8443', 'istio-system/eastwestgateway:9443'],
  )
})

test('an engine’s operator may call it', () => {
  assert.ok(open('data/clickhouse', 'ingress').includes('clickhouse-operator/*:8443'))
  assert.ok(open('data/elasticsearch', 'ingress').includes('elastic-system/*:9200'))
})
