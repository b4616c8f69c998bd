import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { stages } from '../bridge/stages.ts'
import { chartScope } from '../context.ts'
import { identities } from '../identities.ts'
import { cloudContext, testContext } from '../test/context.ts'
import { manifestsOf, podOf } from '../test/manifests.ts'
import { trustDomain } from './istio-names.ts'
import type { IstiodValues } from './istiod.ts'
import type { Release } from './release.ts'
import { releases } from './releases.ts'

const scope = chartScope('prod', cloudContext, policies)
const all = releases(scope)
const named = (name: string): Release => all.find((r) => r.name === name) ?? assert.fail(`There is no ${name}.`)
const rank = (name: string): number => stages.indexOf(named(name).stage)
// biome-ignore lint/suspicious/noExplicitAny: a test reads values
const values = (name: string): any => named(name).values

test('a local region has no releases', () => {
  assert.deepEqual(releases(chartScope('local', testContext, policies)), [])
})

test('every pinned chart is used, and nothing that is not pinned', () => {
  const used = new Set(all.map(({ chart, repository, version }) => `${repository ?? ''} ${chart} ${version}`))
  const pinned = Object.values(policies.operators.charts).map(({ repository, chart, version }) =>
    repository.startsWith('oci://') ? ` ${repository}/${chart} ${version}` : `${repository} ${chart} ${version}`,
  )
  assert.deepEqual([...used].sort(), [...pinned].sort())
})

test('no two releases have one name in one namespace, and each namespace stands before', () => {
  const keys = all.map(({ namespace, name }) => `${namespace}/${name}`)
  assert.equal(new Set(keys).size, keys.length)
  const namespaces = manifestsOf('prod')
  for (const { namespace } of all) assert.ok(namespace === 'kube-system' || namespaces.has(`Namespace ${namespace}`))
})

test('who starts machines runs on none of them, and neither does whom it waits for', () => {
  for (const { name, values: own } of all) {
    const { nodeSelector } = own as { nodeSelector?: Record<string, string> }
    if (['istio-base', 'istio-cni', 'karpenter-crd'].includes(name)) continue
    const pool = nodeSelector?.['neurodefender.io/pool']
    const expected = ['nvidia-device-plugin', 'dcgm-exporter'].includes(name)
      ? 'gpu'
      : name.endsWith('gateway')
        ? 'general'
        : 'system'
    assert.equal(pool, expected, name)
  }
})

test('definitions and identities come before who needs them', () => {
  for (const [earlier, later] of [
    ['karpenter-crd', 'karpenter'],
    ['cert-manager', 'aws-privateca-issuer'],
    ['aws-privateca-issuer', 'cert-manager-istio-csr'],
    ['cert-manager-istio-csr', 'istiod'],
    ['istio-base', 'istiod'],
    ['istiod', 'istio-eastwestgateway'],
    ['aws-load-balancer-controller', 'istio-ingressgateway'],
    // It calls the hot tier through the mesh, and so needs a proxy from its first pod on.
    ['istiod', 'clickhouse-operator'],
  ] as const)
    assert.ok(rank(earlier) < rank(later), `${earlier} must come before ${later}`)
})

test('programs are believed by their certificate where spans go, and it has one before it starts', () => {
  const { extraVolumes, config } = values('opentelemetry-collector')
  const certificate = manifestsOf('prod').get('Certificate telemetry/opentelemetry-collector')
  const spec = certificate?.spec as { secretName: string; dnsNames: string[] }
  assert.deepEqual(extraVolumes, [{ name: 'tls', secret: { secretName: spec.secretName } }])
  assert.equal(config.receivers.otlp.protocols.http.tls.client_ca_file, '/etc/neurodefender/tls/ca.crt')
  assert.ok(stages.indexOf('certificates') < rank('opentelemetry-collector'))
  for (const service of ['event-collector', 'hot-sink', 'analytics', 'correlation-engine']) {
    const kind = service === 'correlation-engine' ? 'StatefulSet' : 'Deployment'
    const pod = podOf(manifestsOf('prod').get(`${kind} siem/${service}`)!)
    const told = pod.containers[0].env.find(({ name }: { name: string }) => name === 'ND_TRACES')
    assert.deepEqual(new URL(told.value).host, `${spec.dnsNames[0]}:4318`, service)
  }
})

test('the meshes of all regions are one mesh of several networks under one root', () => {
  const of = (region: 'us-east-1' | 'us-west-2') =>
    releases(chartScope('prod', { ...cloudContext, region }, policies)).find(({ name }) => name === 'istiod')
      ?.values as IstiodValues
  const [here, there] = [of('us-east-1'), of('us-west-2')]
  assert.equal(here.global.meshID, there.global.meshID)
  assert.equal(here.meshConfig.trustDomain, there.meshConfig.trustDomain)
  assert.notEqual(here.global.network, there.global.network)
  assert.notEqual(here.global.multiCluster.clusterName, there.global.multiCluster.clusterName)
  assert.deepEqual(here.meshConfig.outboundTrafficPolicy, { mode: 'REGISTRY_ONLY' })
  assert.ok(here.meshConfig.serviceSettings[0]?.hosts.includes('event-collector.siem.svc.cluster.local'))
  assert.equal(here.env.ENABLE_CA_SERVER, 'false')
  assert.equal(here.global.caAddress, 'cert-manager-istio-csr.cert-manager.svc:443')
})

test('two environments do not believe each other', () => {
  const of = (environment: 'staging' | 'prod') => trustDomain(chartScope(environment, cloudContext, policies))
  assert.notEqual(of('staging'), of('prod'))
  assert.equal(values('istiod').meshConfig.trustDomain, of('prod'))
  assert.equal(values('cert-manager-istio-csr').app.tls.trustDomain, of('prod'))
})

test('no door of the mesh faces the world but through the firewall', () => {
  assert.equal(values('istio-ingressgateway').service.type, 'ClusterIP')
  const { annotations, loadBalancerSourceRanges } = values('istio-eastwestgateway').service
  assert.equal(annotations['service.beta.kubernetes.io/aws-load-balancer-scheme'], 'internal')
  assert.deepEqual(loadBalancerSourceRanges, ['10.33.0.0/16', '10.34.0.0/16', '10.35.0.0/16'])
  for (const environment of ['staging', 'prod'] as const)
    for (const { values: own } of releases(chartScope(environment, cloudContext, policies))) {
      const { service } = own as { service?: { annotations?: Record<string, string> } }
      const name = service?.annotations?.['service.beta.kubernetes.io/aws-load-balancer-name']
      // AWS takes no longer one.
      assert.ok(name === undefined || name.length <= 32, name)
    }
})

test('no release carries a password in its values', () => {
  const text = JSON.stringify(all)
  for (const password of ['sink password', 'replica password', 'redis password', 'prometheus password'])
    assert.ok(!text.includes(password))
  assert.equal(values('clickhouse-operator').secret.create, false)
})

test('requests for certificates are approved for our authority alone', () => {
  assert.deepEqual(values('cert-manager').approveSignerNames, [
    'awspcaclusterissuers.awspca.cert-manager.io/neurodefender',
  ])
})

test('every account that acts in AWS is one that a release or a service makes', () => {
  const manifests = manifestsOf('prod')
  const made = new Set([
    ...[...manifests.values()]
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ...all.flatMap(({ namespace, values: own }) => {
      const { serviceAccount } = own as { serviceAccount?: { name: string } }
      return serviceAccount ? [`${namespace}/${serviceAccount.name}`] : []
    }),
  ])
  const accounts = identities(scope).map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`)
  for (const account of accounts) assert.ok(made.has(account), account)
  assert.deepEqual(identities(chartScope('local', testContext, policies)), [])
})
