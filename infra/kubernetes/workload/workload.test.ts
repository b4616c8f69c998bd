import assert from 'node:assert/strict'
import { test } from 'node:test'
import { yieldingClass } from '../../local/config/yielding.ts'
import { find, manifestsOf, podOf } from '../test/manifests.ts'

const local = manifestsOf('local')
const prod = manifestsOf('prod')
const pods = [...local.values(), ...prod.values()].filter(
  ({ kind, spec }) => kind !== 'NodePool' && spec && typeof spec === 'object' && 'template' in spec,
)

test('every pod follows the restricted profile', () => {
  for (const manifest of pods) {
    const pod = podOf(manifest)
    assert.equal(pod.securityContext.runAsNonRoot, true)
    // The vendor's images are made for another.
    assert.equal(pod.securityContext.runAsUser, manifest.metadata.name === 'keeper' ? 101 : 65532)
    assert.deepEqual(pod.securityContext.seccompProfile, { type: 'RuntimeDefault' })
    for (const container of [...pod.containers, ...(pod.initContainers ?? [])])
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      })
  }
})

test('what stores yields on one machine, and nothing in a cloud', () => {
  const yielding = pods.filter((pod) => podOf(pod).runtimeClassName === yieldingClass)
  assert.deepEqual(yielding.map(({ metadata }) => metadata.name).toSorted(), ['clickhouse', 'hot-sink'])
  for (const { kind, metadata } of yielding)
    assert.ok(yielding.includes(find(local, `${kind} ${metadata.namespace}/${metadata.name}`)), 'of the local region')
  assert.equal(find(local, `RuntimeClass ${yieldingClass}`).handler, yieldingClass)
  assert.ok(![...prod.values()].some(({ kind }) => kind === 'RuntimeClass'))
})

test('only the name server and the operator of models have a token', () => {
  const tokens = pods.filter((manifest) => podOf(manifest).automountServiceAccountToken !== false)
  assert.deepEqual([...new Set(tokens.map(({ metadata }) => metadata.name))], ['coredns', 'operator'])
})

test('a pod mounts its own secrets and nobody else’s', () => {
  const own: Record<string, string[]> = {}
  for (const manifest of local.values())
    if (manifest.spec && 'template' in (manifest.spec as object))
      own[manifest.metadata.name.replace(/^topics-.*/, 'topics')] = podOf(manifest).volumes.flatMap(
        (v: { secret?: { secretName: string } }) => v.secret?.secretName ?? [],
      )
  assert.deepEqual(own, {
    coredns: [],
    kafka: ['kafka-tls', 'kafka-keystore'],
    clickhouse: ['clickhouse-tls', 'clickhouse-clickhouse'],
    redis: ['redis-tls', 'redis-password'],
    prometheus: ['prometheus-tls', 'prometheus-web'],
    topics: ['topics-tls'],
    'event-collector': ['event-collector-tls', 'event-collector-tenants'],
    'hot-sink': ['hot-sink-tls', 'hot-sink-clickhouse'],
    'correlation-engine': ['correlation-engine-webhooks', 'correlation-engine-tls', 'correlation-engine-tenants'],
    'shard-manager': ['shard-manager-tls', 'shard-manager-operators'],
    analytics: ['analytics-tls', 'analytics-clickhouse', 'analytics-redis', 'analytics-tenants'],
  })
})

test('memory asked for is the limit; CPU has none', () => {
  const [container] = podOf(find(local, 'Deployment siem/event-collector')).containers
  assert.deepEqual(container.resources, {
    requests: { cpu: '300m', memory: '768Mi' },
    limits: { memory: '768Mi' },
  })
})

test('a pod with callers serves on for a while, and may then finish what it accepted', () => {
  const pod = podOf(find(local, 'Deployment siem/event-collector'))
  assert.deepEqual(pod.containers[0].lifecycle, { preStop: { sleep: { seconds: 3 } } })
  assert.equal(pod.terminationGracePeriodSeconds, 33)
  const sink = podOf(find(local, 'Deployment siem/hot-sink'))
  assert.equal(sink.containers[0].lifecycle, undefined)
  assert.equal(sink.terminationGracePeriodSeconds, 30)
})

test('a disruption budget exists exactly where more than one pod runs', () => {
  const budgets = (all: typeof local) => [...all.keys()].filter((key) => key.startsWith('PodDisruptionBudget'))
  assert.deepEqual(budgets(local), ['PodDisruptionBudget siem/correlation-engine'])
  assert.deepEqual(budgets(prod), [
    'PodDisruptionBudget data/keeper',
    'PodDisruptionBudget siem/event-collector',
    'PodDisruptionBudget siem/hot-sink',
    'PodDisruptionBudget siem/analytics',
    'PodDisruptionBudget siem/correlation-engine',
    'PodDisruptionBudget ngfw/operator',
  ])
})

test('zones bind where availability does', () => {
  const zone = (all: typeof local) =>
    podOf(find(all, 'Deployment siem/analytics')).topologySpreadConstraints.at(-1).whenUnsatisfiable
  assert.equal(zone(local), 'ScheduleAnyway')
  assert.equal(zone(prod), 'DoNotSchedule')
})

test('the start-up time of the policy is what the kubelet waits', () => {
  const [container] = podOf(find(local, 'StatefulSet data/kafka')).containers
  assert.equal(container.startupProbe.failureThreshold * container.startupProbe.periodSeconds, 90)
})

test('a probe that starts a process is asked rarely', () => {
  for (const [key, manifest] of [...local, ...prod]) {
    // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
    const spec = (manifest as any).spec?.template?.spec
    for (const { livenessProbe, readinessProbe } of spec?.containers ?? []) {
      if (livenessProbe?.exec) assert.ok(livenessProbe.periodSeconds >= 30, key)
      if (readinessProbe?.exec) assert.ok(readinessProbe.periodSeconds >= 10, key)
    }
  }
  const [redis] = podOf(find(local, 'StatefulSet data/redis')).containers
  assert.ok(redis.livenessProbe.exec, 'a hung Redis still takes connections')
  assert.equal(redis.livenessProbe.periodSeconds, 30)
  assert.deepEqual([redis.readinessProbe.tcpSocket, redis.readinessProbe.periodSeconds], [{ port: 6380 }, 2])
})

test('a local volume is a folder that waits for one claim', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { spec } = find(local, 'PersistentVolume kafka-0') as any
  assert.deepEqual(spec.local, { path: '/state/local/volumes/kafka-0' })
  assert.equal(spec.claimRef.name, 'data-kafka-0')
  assert.equal(spec.claimRef.namespace, 'data')
  assert.equal(spec.storageClassName, 'local')
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const [claim] = (find(local, 'StatefulSet data/kafka') as any).spec.volumeClaimTemplates
  assert.equal(claim.metadata.name, 'data')
  assert.equal(claim.spec.storageClassName, 'local')
})

test('a cloud has its own volumes, entry points and name server', () => {
  const kinds = new Set([...prod.values()].map(({ kind }) => kind))
  assert.ok(!kinds.has('PersistentVolume'))
  assert.equal(find(prod, 'StorageClass gp3').provisioner, 'ebs.csi.aws.com')
  assert.ok(!prod.has('Deployment kube-system/coredns'))
  assert.ok(![...prod.values()].some(({ spec }) => (spec as { type?: string } | undefined)?.type === 'NodePort'))
})

test('the node answers for entry ports and open inlets alone', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const entries = [...local.values()].filter(({ spec }) => (spec as any)?.type === 'NodePort') as any[]
  assert.deepEqual(
    entries.map(({ metadata, spec }) => [metadata.name, spec.ports.map((p: { nodePort: number }) => p.nodePort)]),
    [
      ['prometheus-entry', [30090]],
      ['event-collector-inlets', [30514, 30515, 30515]],
      ['event-collector-entry', [30443]],
      ['analytics-entry', [30444]],
      ['shard-manager-entry', [30445]],
    ],
  )
})

test('a cloud’s load balancer leads to the inlets that are not in the clear, past the proxies', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { spec } = find(prod, 'Service siem/event-collector-inlets') as any
  assert.deepEqual([spec.type, spec.ports.map((p: { name: string }) => p.name)], ['LoadBalancer', ['syslog-tls']])
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { metadata } = (find(prod, 'Deployment siem/event-collector').spec as any).template
  assert.equal(metadata.annotations['traffic.sidecar.istio.io/excludeInboundPorts'], '6514')
})

test('proxies of the mesh see requests at an entry with a policy, and TLS of the service’s own elsewhere', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const protocols = (all: typeof prod, key: string) => (find(all, key).spec as any).ports.map((p: any) => p.appProtocol)
  assert.deepEqual(protocols(prod, 'Service siem/analytics'), ['http', 'tls'])
  assert.deepEqual(protocols(prod, 'Service data/clickhouse'), ['tls', 'tls'])
  assert.deepEqual(protocols(local, 'Service siem/analytics'), [undefined, undefined])
})
