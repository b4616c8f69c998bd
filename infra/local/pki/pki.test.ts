import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { services } from '../../../policies/services.ts'
import { addressPlan } from '../address.ts'
import { createAuthority, issue } from './authority.ts'
import { clusterLeaves, ensureClusterPki } from './cluster.ts'
import { ensureLeaf, readPair } from './store.ts'
import { ensureWorkloadPki } from './workload.ts'

const folder = mkdtempSync(join(tmpdir(), 'nd-pki-'))
const plan = addressPlan(7)
const certificate = (base: string): X509Certificate => new X509Certificate(readPair(join(folder, base))!.certificate)

before(async () => {
  await ensureClusterPki(join(folder, 'cluster'), plan, 'x-0')
  await ensureWorkloadPki(join(folder, 'workload'), plan)
})
after(() => rmSync(folder, { recursive: true }))

test('every leaf of the cluster is signed by its authority and by no other', () => {
  const authorities = { cluster: 'ca', 'front-proxy': 'front-proxy-ca', etcd: 'etcd-ca' } as const
  for (const [name, { authority }] of Object.entries(clusterLeaves(plan, 'x-0')))
    for (const [id, file] of Object.entries(authorities)) {
      const ca = certificate(`cluster/${file}`)
      assert.equal(certificate(`cluster/${name}`).verify(ca.publicKey), id === authority, `${name} by ${id}`)
      assert.ok(ca.ca)
    }
})

test('a leaf fits its key, signs nothing, and its key is for the owner alone', () => {
  for (const name of Object.keys(clusterLeaves(plan, 'x-0'))) {
    const leaf = certificate(`cluster/${name}`)
    assert.ok(leaf.checkPrivateKey(createPrivateKey(readPair(join(folder, 'cluster', name))!.key)))
    assert.equal(leaf.ca, false)
    assert.equal(statSync(join(folder, 'cluster', `${name}.key`)).mode & 0o077, 0)
  }
})

test('users and groups are those of the authorizers', () => {
  assert.equal(certificate('cluster/kubelet').subject, 'O=system:nodes\nCN=system:node:x-0')
  assert.equal(certificate('cluster/admin').subject, 'O=system:masters\nCN=admin')
  assert.equal(certificate('cluster/kube-proxy').subject, 'CN=system:kube-proxy')
})

test('the API server answers by the addresses of its plan', () => {
  const { subjectAltName } = certificate('cluster/apiserver')
  for (const name of ['IP Address:10.187.0.1', 'IP Address:10.187.128.1', 'DNS:kubernetes.default.svc.cluster.local'])
    assert.ok(subjectAltName?.split(', ').includes(name), name)
})

test('a certificate says what it may be used for', async () => {
  const ca = await createAuthority('test')
  const purposes = async (...usage: ('server' | 'client')[]) =>
    new X509Certificate((await issue(ca, { commonName: 'x', usage })).certificate).keyUsage
  assert.deepEqual(await purposes('client'), ['1.3.6.1.5.5.7.3.2'])
  assert.deepEqual(await purposes('server', 'client'), ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
})

test('every service of the policy has a certificate for its names in the region and the node outside', () => {
  const ca = certificate('workload/ca')
  for (const [name, { namespace }] of Object.entries(services)) {
    const leaf = certificate(`workload/${name}/tls`)
    assert.ok(leaf.verify(ca.publicKey))
    assert.equal(leaf.subject, `CN=${name}`)
    assert.equal(leaf.checkHost(`${name}.${namespace}.svc.cluster.local`), `${name}.${namespace}.svc.cluster.local`)
    assert.ok(leaf.checkHost(`${name}-0.${name}-headless.${namespace}.svc.cluster.local`))
    assert.equal(leaf.checkIP('10.187.0.1'), '10.187.0.1')
    assert.equal(leaf.checkHost('elsewhere.svc'), undefined)
  }
})

test('a leaf is kept while it fits, and made anew for other names or another authority', async () => {
  const base = join(folder, 'kept')
  const [ca, other] = [await createAuthority('one'), await createAuthority('two')]
  const request = { commonName: 'x', dns: ['x'], usage: ['server'] as const }
  const first = await ensureLeaf(base, ca, { ...request, usage: ['server'] })
  assert.deepEqual(await ensureLeaf(base, ca, { ...request, usage: ['server'] }), first)
  const renamed = await ensureLeaf(base, ca, { ...request, dns: ['y'], usage: ['server'] })
  assert.notEqual(renamed.certificate, first.certificate)
  assert.notEqual((await ensureLeaf(base, other, { ...request, dns: ['y'], usage: ['server'] })).key, renamed.key)
  const short = await ensureLeaf(base, ca, { ...request, usage: ['server'], days: 20 })
  assert.notEqual((await ensureLeaf(base, ca, { ...request, usage: ['server'], days: 20 })).key, short.key)
})

test('a second run changes no file of the cluster', async () => {
  const read = () => readFileSync(join(folder, 'cluster/apiserver.crt'), 'utf8')
  const before = read()
  await ensureClusterPki(join(folder, 'cluster'), plan, 'x-0')
  assert.equal(read(), before)
})

test('the gateway of the mesh is known by the node’s address to callers, and by its account to the control plane', () => {
  const gateway = certificate('workload/istio-ingressgateway/tls')
  assert.equal(gateway.checkIP(plan.nodeAddress), plan.nodeAddress)
  assert.ok(gateway.checkHost('threat-detection.ngfw.svc.cluster.local'))
  assert.match(
    gateway.subjectAltName ?? '',
    /URI:spiffe:\/\/cluster\.local\/ns\/istio-system\/sa\/istio-ingressgateway/,
  )
  assert.ok(certificate('workload/istiod/tls').checkHost('istiod.istio-system.svc.cluster.local'))
})
