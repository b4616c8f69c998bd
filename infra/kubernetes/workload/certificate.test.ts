import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { services } from '../../../policies/services.ts'
import { find, manifestsOf, podOf } from '../test/manifests.ts'

const prod = manifestsOf('prod')
// biome-ignore lint/suspicious/noExplicitAny: a test reads JSON
const certificates = [...prod.values()].filter(({ kind }) => kind === 'Certificate') as any[]
const hours = (duration: string): number => Number(/^(\d+)m0s$/.exec(duration)?.[1]) / 60

test('a certificate lives less than the seven days that the authority may sign for', () => {
  assert.ok(certificates.length > 0)
  for (const { metadata, spec } of certificates) {
    assert.ok(hours(spec.duration) < 7 * 24, metadata.name)
    // Time for a person to come, were nothing to renew it.
    assert.ok(hours(spec.renewBefore) >= 24 && hours(spec.renewBefore) < hours(spec.duration), metadata.name)
    assert.equal(spec.privateKey.rotationPolicy, 'Always')
  }
})

test('what a pod mounts is the Secret that its certificate is written to', () => {
  const written = new Set(certificates.map(({ metadata, spec }) => `${metadata.namespace}/${spec.secretName}`))
  const pods = [...prod].filter(([key]) => /^(Deployment|StatefulSet|Job) (?!headroom)/.test(key))
  assert.ok(pods.length > 0)
  for (const [key, manifest] of pods) {
    const tls = podOf(manifest).volumes.find(({ name }: { name: string }) => name === 'tls')
    assert.ok(written.has(`${manifest.metadata.namespace}/${tls.secret.secretName}`), key)
    assert.ok(!prod.has(`Secret ${manifest.metadata.namespace}/${tls.secret.secretName}`), key)
  }
})

test('a certificate is good for the service’s names and no other service’s', () => {
  for (const { metadata, spec } of certificates) {
    const others = Object.keys(services).filter((service) => service !== metadata.name)
    for (const name of spec.dnsNames as string[]) assert.ok(!others.includes(name.split('.')[0] ?? ''), name)
    if (metadata.name in services) assert.ok(spec.dnsNames.includes(`${metadata.name}.${metadata.namespace}.svc`))
  }
})

test('another lifetime of certificates replaces no pod', () => {
  const copy = structuredClone(policies)
  // biome-ignore lint/suspicious/noExplicitAny: mutates what is readonly, in a copy
  ;(copy as any).operators.certificates.duration = '100h'
  const later = manifestsOf('prod', copy)
  const key = 'Deployment siem/analytics'
  assert.deepEqual(find(later, key), find(prod, key))
  assert.notDeepEqual(find(later, 'Certificate siem/analytics'), find(prod, 'Certificate siem/analytics'))
})
