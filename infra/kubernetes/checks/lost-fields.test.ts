import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { App, Chart, JsonPatch } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import { podSpecJson } from '../custom-resource.ts'
import { OutputResolver } from '../output-resolver.ts'
import { lostFields } from './lost-fields.ts'

function chart(): { readonly chart: Chart; readonly outputs: OutputResolver } {
  const outputs = new OutputResolver()
  return { chart: new Chart(new App({ resolvers: [outputs] }), 'test'), outputs }
}

const metadata = { name: 'a', namespace: 'b' }
const messages = (findings: readonly { message: string }[]): string[] => findings.map(({ message }) => message)

test('an object that says everything has no finding', () => {
  const { chart: scope, outputs } = chart()
  const value = output('later')
  const map = new k8s.KubeConfigMap(scope, 'map', { metadata, data: { now: 'text', later: value as never } })
  assert.deepEqual(lostFields(map, map.toJson(), outputs), [])
  const service = new k8s.KubeService(scope, 'service', { metadata, spec: { clusterIp: 'None', ports: [{ port: 1 }] } })
  assert.deepEqual(lostFields(service, service.toJson(), outputs), [])
})

test('a quantity that is a plain string is found', () => {
  const { chart: scope, outputs } = chart()
  const quota = new k8s.KubeResourceQuota(scope, 'quota', { metadata, spec: { hard: { cpu: '2' as never } } })
  assert.deepEqual(messages(lostFields(quota, quota.toJson(), outputs)), [
    'ResourceQuota b/a: spec.hard.cpu was given and is not in the object.',
  ])
})

test('a field that the typed layer does not know is found', () => {
  const { chart: scope, outputs } = chart()
  const spec = { selector: {}, template: {}, replcas: 3 }
  const deployment = new k8s.KubeDeployment(scope, 'deployment', { metadata, spec: spec as never })
  assert.deepEqual(messages(lostFields(deployment, deployment.toJson(), outputs)), [
    'Deployment b/a: spec.replcas was given and is not in the object.',
  ])
})

test('a patch over what was given is found, and an Output that became text', () => {
  const { chart: scope, outputs } = chart()
  const map = new k8s.KubeConfigMap(scope, 'map', { metadata, data: { now: 'text', later: output('x') as never } })
  map.addJsonPatch(JsonPatch.replace('/data/now', 'other'), JsonPatch.replace('/data/later', '[object Object]'))
  assert.deepEqual(messages(lostFields(map, map.toJson(), outputs)), [
    'ConfigMap b/a: data.now has another value in the object than was given.',
    'ConfigMap b/a: data.later was an Output and is lost.',
  ])
})

test('no finding shows what a secret holds', () => {
  const { chart: scope, outputs } = chart()
  const secret = new k8s.KubeSecret(scope, 'secret', { metadata, data: { password: 'hunter2' } })
  secret.addJsonPatch(JsonPatch.remove('/data/password'))
  const findings = lostFields(secret, secret.toJson(), outputs)
  assert.equal(findings.length, 1)
  assert.ok(!JSON.stringify(findings).includes('hunter2'))
})

test('a pod for a kind that the typed layer does not know loses nothing unseen', () => {
  const requests = { cpu: '2' as never }
  assert.throws(() => podSpecJson({ containers: [{ name: 'engine', resources: { requests } }] }), {
    code: 'BAD_MANIFEST',
    message: /the pod of engine: containers\[0\]\.resources\.requests\.cpu was given and is not in the object\./,
  })
})
