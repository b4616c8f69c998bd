import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import type { TrafficPolicy } from '../../../policies/model/traffic.ts'
import { keyOf, manifestsOf, podOf } from '../test/manifests.ts'

const deployments = (all: ReturnType<typeof manifestsOf>) =>
  [...all.values()].filter(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'siem')

/** Who is told what of its entry, by the name of the service. */
const told = (all: ReturnType<typeof manifestsOf>): Record<string, string> =>
  Object.fromEntries(
    deployments(all).flatMap((manifest) => {
      const env: { name: string; value: string }[] = podOf(manifest).containers[0].env
      return env.flatMap(({ name, value }) => (name === 'ND_ENTRY' ? [[manifest.metadata.name, value]] : []))
    }),
  )

/** Services whose proxy hands requests on in the clear, to where nobody but it can call. */
const openedByProxy = (all: ReturnType<typeof manifestsOf>): string[] =>
  [...all.values()].flatMap(({ kind, metadata, spec }) => {
    const { ingress = [] } = (spec ?? {}) as { ingress?: { port?: { protocol: string }; defaultEndpoint: string }[] }
    const open = kind === 'Sidecar' ? ingress.filter(({ port }) => port?.protocol === 'HTTP') : []
    for (const { defaultEndpoint } of open) assert.match(defaultEndpoint, /^127\.0\.0\.1:/)
    return open.length > 0 ? [metadata.name] : []
  })

test('in the mesh an entry leaves TLS to its proxy; a local region has none and knows nothing of it', () => {
  assert.deepEqual(told(manifestsOf('prod')), { 'event-collector': 'proxied', analytics: 'proxied' })
  assert.deepEqual(told(manifestsOf('local')), {})
})

test('the programs that speak in the clear are those whose proxies expect it, whatever the policies say', () => {
  const { analytics, ...others } = policies.traffic.calls
  assert.ok(analytics)
  const { connections, outlier } = analytics
  const calling = (calls: TrafficPolicy['calls']): Policies => ({
    ...policies,
    traffic: { ...policies.traffic, calls: { ...others, ...calls } },
  })
  for (const [of, expected] of [
    [policies, ['event-collector', 'analytics']],
    [calling({}), ['event-collector']],
    [calling({ analytics: { protocol: 'tls', connections, outlier } }), ['event-collector']],
  ] as const) {
    const all = manifestsOf('prod', of)
    assert.deepEqual(Object.keys(told(all)), expected)
    assert.deepEqual(openedByProxy(all), expected)
  }
})

test('the kubelet asks on the admin port, which keeps its TLS', () => {
  for (const manifest of deployments(manifestsOf('prod'))) {
    const { livenessProbe, readinessProbe, startupProbe } = podOf(manifest).containers[0]
    for (const { httpGet } of [livenessProbe, readinessProbe, startupProbe])
      assert.deepEqual([httpGet.scheme, httpGet.port], ['HTTPS', 9443], keyOf(manifest))
  }
})
