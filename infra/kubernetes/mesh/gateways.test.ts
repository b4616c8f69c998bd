import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { type PortName, readyPath } from '../../../policies/model/service.ts'
import { chartScope } from '../context.ts'
import { meshNetwork } from '../operators/istio-names.ts'
import { cloudContext } from '../test/context.ts'
import { find, manifestsOf } from '../test/manifests.ts'
import { serviceSettings } from './between-regions.ts'
import { protocolOf } from './graph.ts'
import { remoteSecret } from './remote-secret.ts'
import { meshObjectOf, meshOf } from './testing/mesh.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const object = (kind: string, name: string): any => meshObjectOf(meshOf(), kind, name)

test('other regions come in to what they may call, and the gateway looks no further than the name', () => {
  assert.deepEqual(object('Gateway', 'istio-eastwestgateway').spec, {
    selector: { istio: 'eastwestgateway' },
    servers: [
      {
        port: { number: 15_443, name: 'tls', protocol: 'TLS' },
        tls: { mode: 'AUTO_PASSTHROUGH' },
        hosts: ['clickhouse.data.svc.cluster.local'],
      },
    ],
  })
})

test('callers from outside pass the rules and find the services that have an entry and a policy', () => {
  const { metadata, spec } = object('Ingress', 'istio-ingressgateway')
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
  const [server] = object('Gateway', 'istio-ingressgateway').spec.servers
  assert.equal(server.tls.mode, 'SIMPLE')
  assert.equal(server.tls.credentialName, object('Certificate', 'istio-ingressgateway').spec.secretName)
  // By the request's host and not by the handshake's name, which a load balancer does not give.
  assert.deepEqual(server.hosts, ['siem/*'])
  assert.deepEqual(object('VirtualService', 'analytics').spec.gateways, ['mesh', 'istio-system/istio-ingressgateway'])
})

test('whoever asks an entry whether it can serve is let through on the whole way, as any other request is', () => {
  for (const service of ['event-collector', 'analytics']) {
    const paths = object('Ingress', 'istio-ingressgateway').spec.rules.map(
      (rule: { http: { paths: { path: string; pathType: string }[] } }) => rule.http.paths,
    )
    for (const [{ path, pathType }] of paths) assert.ok(pathType === 'Prefix' && readyPath.startsWith(path))
    // A route or a rule that named paths would be one more place to say this one.
    for (const route of object('VirtualService', service).spec.http) assert.equal(route.match, undefined)
    const operations = object('AuthorizationPolicy', service).spec.rules.flatMap(
      ({ to }: { to: { operation: object }[] }) => to.map(({ operation }) => Object.keys(operation)),
    )
    assert.deepEqual(new Set(operations.flat()), new Set(['ports']))
  }
})

test('the secret by which a control plane reads another cluster names it as that cluster names itself', () => {
  const name = meshNetwork(chartScope('prod', cloudContext, policies))
  const secret = remoteSecret({
    name,
    endpoint: 'https://cluster.example',
    certificateAuthority: 'Q0E=',
    token: Buffer.from('token').toString('base64'),
  })
  assert.equal(secret.metadata.annotations['networking.istio.io/cluster'], name)
  assert.equal(secret.metadata.labels['istio/multiCluster'], 'true')
  const kubeconfig = JSON.parse(Buffer.from(secret.data[name] as string, 'base64').toString())
  assert.deepEqual(kubeconfig.users, [{ name, user: { token: 'token' } }])
  assert.deepEqual(kubeconfig.clusters[0].cluster, {
    server: 'https://cluster.example',
    'certificate-authority-data': 'Q0E=',
  })
})

test('a service stays in its region unless it may be called from another one', () => {
  const hosts = serviceSettings(chartScope('prod', cloudContext, policies)).flatMap((setting) => setting.hosts)
  assert.ok(hosts.includes('event-collector.siem.svc.cluster.local'))
  assert.ok(hosts.includes('hot-sink.siem.svc.cluster.local'))
  assert.ok(!hosts.includes('clickhouse.data.svc.cluster.local'))
})

test('requests are seen at entries, and nowhere else', () => {
  const scope = chartScope('prod', cloudContext, policies)
  const seen = Object.entries(policies.services).flatMap(([service, { ports }]) =>
    Object.keys(ports).flatMap((port) =>
      protocolOf(scope, service, port as PortName) === 'http' ? [`${service}:${port}`] : [],
    ),
  )
  assert.deepEqual(seen, ['event-collector:https', 'analytics:https'])
  const { spec } = find(manifestsOf('prod'), 'Service siem/analytics') as unknown as {
    spec: { ports: { name: string; appProtocol: string }[] }
  }
  assert.deepEqual(
    spec.ports.map(({ name, appProtocol }) => [name, appProtocol]),
    [
      ['https', 'http'],
      ['admin', 'tls'],
    ],
  )
})
