import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { plan, resourceName } from '../bridge/plan.ts'
import { synthesize } from '../synthesize.ts'
import { cloudContext, fullContext, testContext } from '../test/context.ts'
import { find, keyOf, podOf } from '../test/manifests.ts'
import { kedaDefinition } from './definition.ts'

const platform = synthesize('local', 'platform', fullContext)
const services = synthesize('local', 'services', fullContext)
const objects = new Map([...platform.manifests, ...services.manifests].map((object) => [keyOf(object), object]))
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const object = (key: string): any => find(objects, key)

test('in the profile full every row of the matrix is a ScaledObject, and its replicas are left alone', () => {
  for (const key of Object.keys(policies.scaling).filter((row) => row !== 'ml_inference')) {
    const name = key.replaceAll('_', '-')
    const { spec } = object(`ScaledObject ${policies.services[name]?.namespace}/${name}`)
    assert.equal(spec.scaleTargetRef.name, name)
    assert.ok(services.autoscaled.has(`${policies.services[name]?.namespace}/${name}`))
  }
  const { data } = object('ConfigMap ngfw/operator-config')
  assert.ok(JSON.parse(data['region.json']).autoscaler.prometheus)
})

test('a region of core has no autoscaler, and its stack counts the pods', () => {
  const core = ['platform', 'services'] as const
  for (const part of core) {
    const { manifests, autoscaled } = synthesize('local', part, testContext)
    assert.deepEqual([...autoscaled], [])
    const groups = manifests.filter(({ apiVersion }) => /^keda\.sh|^apiregistration/.test(apiVersion))
    assert.deepEqual(groups, [])
  }
})

test('a cloud has the chart’s KEDA and none of ours', () => {
  const cloud = synthesize('prod', 'platform', cloudContext)
  assert.ok(cloud.releases.some(({ name }) => name === 'keda'))
  assert.ok(!cloud.manifests.some(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'keda'))
})

test('the operator is there before what it must let go, so that goes before the operator', () => {
  const order = plan(platform)
  const place = (key: string) => order.findIndex(({ name }) => name === resourceName(object(key)))
  const authentication = place('ClusterTriggerAuthentication prometheus')
  assert.ok(order[authentication]?.after.includes(resourceName(object('Deployment keda/keda-operator'))))
  assert.ok(place('CustomResourceDefinition scaledobjects.keda.sh') < place('Deployment keda/keda-operator'))
})

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

test('no right is for everything, Secrets are read in its own namespace alone, and nothing elsewhere is scaled', () => {
  const roles = [...objects.values()].filter(
    ({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && /keda/.test(metadata.name),
  )
  assert.deepEqual(roles.map((role) => role.metadata.namespace ?? '').sort(), ['', 'keda', 'ngfw', 'siem'])
  for (const role of roles)
    for (const { apiGroups, resources, verbs } of role.rules as readonly Rule[]) {
      for (const one of [...apiGroups, ...resources, ...verbs]) assert.ok(!one.includes('*'), one)
      if (resources.includes('secrets')) assert.equal(role.metadata.namespace, 'keda')
      if (resources.some((one) => one.endsWith('/scale'))) assert.ok(role.metadata.namespace)
    }
  const { env } = podOf(object('Deployment keda/keda-operator')).containers[0]
  const watched = env.find(({ name }: { name: string }) => name === 'WATCH_NAMESPACE').value
  assert.equal(watched, 'ngfw,siem')
})

test('the adapter is called by the API server alone, which knows it by the region’s authority', () => {
  const { ingress } = object('NetworkPolicy keda/keda-metrics-apiserver').spec
  assert.deepEqual(ingress[0].from, [{ ipBlock: { cidr: '10.180.0.1/32' } }])
  const { caBundle, insecureSkipTLSVerify } = object('APIService v1beta1.external.metrics.k8s.io').spec
  assert.equal(Buffer.from(caBundle, 'base64').toString(), testContext.secrets.authority)
  assert.equal(insecureSkipTLSVerify, undefined)
})

test('a definition keeps its schema where objects of the kind are made', () => {
  const definition = (kind: string) =>
    kedaDefinition({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: kind, annotations: {} },
      spec: { names: { kind }, versions: [{ name: 'v1alpha1', schema: 'long', subresources: { status: {} } }] },
    })
  assert.deepEqual(definition('ScaledObject').spec.versions, [
    { name: 'v1alpha1', schema: 'long', subresources: { status: {} } },
  ])
  const [version] = definition('ScaledJob').spec.versions as { schema: { openAPIV3Schema: object } }[]
  assert.deepEqual(version?.schema.openAPIV3Schema, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true })
})
