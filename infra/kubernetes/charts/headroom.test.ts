import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { bytes, millicores } from '../../../policies/model/units.ts'
import { find, manifestsOf, podOf } from '../test/manifests.ts'

const prod = manifestsOf('prod')
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const any = (key: string): any => find(prod, key)

test('a placeholder is as large as a pod of its service, on the same machines', () => {
  const headroom = policies.cloud.prod?.kubernetes.headroom ?? assert.fail()
  for (const [service, { pods }] of Object.entries(headroom)) {
    const manifest = any(`Deployment headroom/headroom-${service}`)
    assert.equal(manifest.spec.replicas, pods)
    const size = policies.environments.prod?.sizes[service] ?? assert.fail()
    const { requests } = podOf(manifest).containers[0].resources
    assert.equal(millicores(requests.cpu), millicores(size.cpu))
    assert.equal(bytes(requests.memory), bytes(size.memory))
    assert.equal(requests['nvidia.com/gpu'], size.gpu)
  }
  assert.equal(podOf(any('Deployment headroom/headroom-ml-inference')).nodeSelector['neurodefender.io/pool'], 'gpu')
  assert.equal(
    podOf(any('Deployment headroom/headroom-event-collector')).nodeSelector['neurodefender.io/pool'],
    podOf(any('Deployment siem/event-collector')).nodeSelector['neurodefender.io/pool'],
  )
})

test('placeholders go first and at once, and push nobody away themselves', () => {
  const value = (name: string): number => any(`PriorityClass ${name}`).value
  assert.ok(value('neurodefender-headroom') < 0)
  assert.ok(value('neurodefender-headroom') < value('neurodefender-services'))
  assert.ok(value('neurodefender-services') < value('neurodefender-data'))
  assert.equal(any('PriorityClass neurodefender-headroom').preemptionPolicy, 'Never')
  assert.ok([...prod.keys()].every((key) => !key.startsWith('PriorityClass ') || any(key).globalDefault === false))
  for (const [key, manifest] of prod) {
    if (!/^(Deployment|StatefulSet|Job) /.test(key)) continue
    const { priorityClassName, terminationGracePeriodSeconds } = podOf(manifest)
    const spare = key.startsWith('Deployment headroom/')
    assert.equal(priorityClassName === 'neurodefender-headroom', spare, key)
    if (spare) assert.equal(terminationGracePeriodSeconds, 0)
  }
})

test('no budget keeps a placeholder where a pod is wanted', () => {
  assert.ok(![...prod.keys()].some((key) => key.startsWith('PodDisruptionBudget headroom/')))
})
