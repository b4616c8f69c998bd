import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { chartScope } from '../context.ts'
import { clusterName } from './identity.ts'
import { remoteSecret } from './remote-secret.ts'
import { meshCharts } from './settings.ts'
import { meshContext, meshObjectOf, meshOf } from './testing/mesh.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const object = (kind: string, name: string): any => meshObjectOf(meshOf(), kind, name)

test('other regions come in by an internal load balancer, and only from joined networks', () => {
  const { metadata, spec } = object('Service', 'eastwestgateway')
  assert.equal(metadata.annotations['service.beta.kubernetes.io/aws-load-balancer-scheme'], 'internal')
  assert.equal(metadata.labels['topology.istio.io/network'], 'nd-prod-us-east-1')
  assert.deepEqual(spec.loadBalancerSourceRanges, ['10.33.0.0/16', '10.34.0.0/16', '10.35.0.0/16'])
  assert.deepEqual(object('Gateway', 'eastwestgateway').spec.servers, [
    {
      port: { number: 15_443, name: 'tls', protocol: 'TLS' },
      tls: { mode: 'AUTO_PASSTHROUGH' },
      hosts: ['clickhouse.data.svc.cluster.local'],
    },
  ])
})

test('callers from outside pass the rules and find the services that have an entry and a policy', () => {
  const { metadata, spec } = object('Ingress', 'ingressgateway')
  assert.match(metadata.annotations['alb.ingress.kubernetes.io/wafv2-acl-arn'], /^arn:aws:wafv2:/)
  assert.deepEqual(
    spec.rules.map(({ host }: { host: string }) => host),
    [
      'event-collector.neurodefender.example',
      'event-collector.us-east-1.neurodefender.example',
      'analytics.neurodefender.example',
      'analytics.us-east-1.neurodefender.example',
    ],
  )
  const [server] = object('Gateway', 'ingressgateway').spec.servers
  assert.equal(server.tls.mode, 'SIMPLE')
  assert.ok(server.hosts.includes('siem/analytics.neurodefender.example'))
  assert.deepEqual(object('VirtualService', 'analytics').spec.gateways, ['mesh', 'istio-ingress/ingressgateway'])
})

test('a cluster’s name is the same in its objects, its charts and the secret that others read it by', () => {
  const charts = meshCharts(chartScope('prod', meshContext, policies), '1-32-0')
  const name = clusterName({ environment: 'prod' } as never, 'us-east-1')
  assert.equal(charts.istiod.global.multiCluster.clusterName, name)
  assert.equal(charts.csr.app.server.clusterID, name)
  assert.equal(
    charts.istiod.global.network,
    object('Namespace', 'istio-system').metadata.labels['topology.istio.io/network'],
  )
  const secret = remoteSecret({
    name,
    endpoint: 'https://cluster.example',
    certificateAuthority: 'Q0E=',
    token: Buffer.from('token').toString('base64'),
  })
  assert.equal(secret.metadata.annotations['networking.istio.io/cluster'], name)
  const kubeconfig = JSON.parse(Buffer.from(secret.data[name] as string, 'base64').toString())
  assert.deepEqual(kubeconfig.users, [{ name, user: { token: 'token' } }])
  assert.deepEqual(kubeconfig.clusters[0].cluster, {
    server: 'https://cluster.example',
    'certificate-authority-data': 'Q0E=',
  })
})

test('a service stays in its region unless it may be called from another one', () => {
  const { meshConfig } = meshCharts(chartScope('prod', meshContext, policies), '1-32-0').istiod
  const hosts = meshConfig.serviceSettings.flatMap((setting) => setting.hosts)
  assert.ok(hosts.includes('event-collector.siem.svc.cluster.local'))
  assert.ok(!hosts.includes('clickhouse.data.svc.cluster.local'))
  assert.equal(meshConfig.trustDomain, policies.cloud.prod?.domain)
  assert.deepEqual(meshConfig.outboundTrafficPolicy, { mode: 'REGISTRY_ONLY' })
})

test('namespaces with proxies keep the restricted profile, because the node redirects for them', () => {
  assert.equal(meshCharts(chartScope('prod', meshContext, policies), '1-32-0').istiod.cni.enabled, true)
  for (const name of ['istio-system', 'istio-ingress'])
    assert.equal(object('Namespace', name).metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted')
})
