import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../../policies/bundle.ts'
import { latencyBounds } from '../../../../policies/latencies.ts'
import { plan, resourceName } from '../../bridge/plan.ts'
import { synthesize } from '../../synthesize.ts'
import { cloudContext, fullContext, testContext } from '../../test/context.ts'
import { find, keyOf, podOf } from '../../test/manifests.ts'

const platform = synthesize('local', 'platform', fullContext)
const objects = new Map(platform.manifests.map((manifest) => [keyOf(manifest), manifest]))
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const specOf = (key: string): any => find(objects, key).spec
const bootstrap = JSON.parse(
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  (find(objects, 'ConfigMap istio-system/istio-ingressgateway-config') as any).data['envoy.json'],
)

test('the profile full adds objects and changes none but Prometheus, which asks the mesh too', () => {
  const core = synthesize('local', 'platform', testContext).manifests
  const changed = core.filter((manifest) => JSON.stringify(objects.get(keyOf(manifest))) !== JSON.stringify(manifest))
  assert.deepEqual(changed.map(keyOf).sort(), [
    'ConfigMap monitoring/prometheus-config',
    'StatefulSet monitoring/prometheus',
  ])
  const services = synthesize('local', 'services', fullContext).manifests.map(keyOf)
  assert.ok(services.includes('MLInference ngfw/threat-detection'))
  assert.ok(!synthesize('local', 'services', testContext).manifests.some(({ kind }) => kind === 'MLInference'))
})

test('the control plane answers at its address before its rules and the gateway are made', () => {
  const order = plan(platform)
  const place = (key: string) => {
    const name = resourceName(find(objects, key))
    return order.findIndex((resource) => resource.name === name)
  }
  const control = place('Service istio-system/istiod')
  assert.ok(place('Deployment istio-system/istiod') < control)
  for (const later of ['Gateway istio-system/istio-ingressgateway', 'Deployment istio-system/istio-ingressgateway']) {
    assert.ok(control < place(later), later)
    assert.ok(order[place(later)]?.after.includes(resourceName(find(objects, 'Service istio-system/istiod'))))
  }
  const kind = 'CustomResourceDefinition virtualservices.networking.istio.io'
  assert.ok(place(kind) < place('Deployment istio-system/istiod'))
})

test('the gateway’s object is the cloud’s own but for whose routes it takes', () => {
  const cloud =
    synthesize('prod', 'platform', cloudContext).manifests.find(
      (manifest) => keyOf(manifest) === 'Gateway istio-system/istio-ingressgateway',
    ) ?? assert.fail()
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const theirs = (cloud.spec as any).servers[0]
  const ours = specOf('Gateway istio-system/istio-ingressgateway').servers[0]
  assert.deepEqual({ ...ours, hosts: theirs.hosts }, theirs)
  assert.deepEqual(ours.hosts, ['ngfw/*'])
})

test('the control plane reads, and writes nothing but questions', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const { rules } = find(objects, 'ClusterRole neurodefender:istiod') as any
  for (const { verbs, resources } of rules)
    if (verbs.some((verb: string) => !['get', 'list', 'watch'].includes(verb)))
      assert.match(String(resources), /^(subjectaccess|token)reviews$/)
  assert.ok(podOf(find(objects, 'Deployment istio-system/istio-ingressgateway')).automountServiceAccountToken === false)
})

test('proxy and control plane know each other by certificates, and nobody else reaches the proxy’s administration', () => {
  const { admin, static_resources: fixed } = bootstrap
  assert.equal(admin.address.socket_address.address, '127.0.0.1')
  const tls = fixed.clusters.find(({ name }: { name: string }) => name === 'discovery').transport_socket.typed_config
  assert.equal(tls.common_tls_context.tls_certificates.length, 1)
  assert.ok(tls.common_tls_context.validation_context.trusted_ca)
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
  const routes = fixed.listeners.map(({ name, filter_chains: [chain] }: any) => [
    name,
    chain.filters[0].typed_config.route_config.virtual_hosts[0].routes.map(
      // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
      ({ match, route }: any) => [match.path, route.prefix_rewrite],
    ),
    chain.transport_socket?.typed_config.require_client_certificate ?? false,
  ])
  assert.deepEqual(routes, [
    ['drain', [['/drain', '/ready']], false],
    ['ready', [['/healthz/ready', '/ready']], false],
    ['metrics', [['/metrics', '/stats/prometheus']], true],
  ])
  const args: string[] = podOf(find(objects, 'Deployment istio-system/istiod')).containers[0].args
  assert.ok(args.includes('--grpcAddr='), 'no port in the clear')
})

test('the gateway counts latency at the bounds by which a canary is judged', () => {
  const [{ match, buckets }] = bootstrap.stats_config.histogram_bucket_settings
  assert.deepEqual(match, { suffix: 'upstream_rq_time' })
  assert.deepEqual(buckets, latencyBounds(policies))
})
