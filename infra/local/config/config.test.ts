import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { addressPlan, overlaps } from '../address.ts'
import { regionFacts, regionPaths } from '../state.ts'
import { admissionConfig, components, stopOrder } from './components.ts'
import { preparations } from './inside.ts'
import { cniConfig, containerdConfig, kubeletConfig, yieldingSpecPath } from './node.ts'
import { yieldingClass, yieldingSpec } from './yielding.ts'

const plan = addressPlan(4)
const facts = regionFacts('trial', plan, 'core')
const paths = regionPaths('/state', 'trial')
const tools = { bin: (name: string) => `/tools/${name}`, cniPlugins: '/tools/cni', path: '/tools' }
const all = components(facts, plan, paths, tools)
const flags = (name: string): readonly string[] => all.find((c) => c.name === name)!.command

test('nobody is let in without a certificate', () => {
  assert.ok(flags('kube-apiserver').includes('--anonymous-auth=false'))
  assert.ok(flags('kube-apiserver').includes('--authorization-mode=Node,RBAC'))
  assert.ok(flags('kube-apiserver').includes('--enable-admission-plugins=NodeRestriction'))
  assert.ok(flags('etcd').includes('--client-cert-auth') && flags('etcd').includes('--peer-client-cert-auth'))
  const kubelet = kubeletConfig(paths, plan, 'nd-trial') as Record<string, Record<string, unknown>>
  assert.deepEqual(kubelet.authentication?.anonymous, { enabled: false })
  assert.equal(kubelet.readOnlyPort as unknown, 0)
  assert.equal(admissionConfig.plugins[0].configuration.defaults.enforce, 'restricted')
})

test('every listener is on loopback or on the bridge of its own region', () => {
  const own = ['127.0.0.1', plan.nodeAddress]
  for (const { name, command } of all)
    for (const flag of command) {
      const address = /(?:bind-address|listen-[a-z-]+|advertise-address)=(?:https:\/\/)?([\d.]+)/.exec(flag)?.[1]
      if (address) assert.ok(own.includes(address), `${name} ${flag}`)
    }
  assert.equal((kubeletConfig(paths, plan, 'x') as { address: string }).address, plan.nodeAddress)
})

test('etcd writes durably: nothing turns its fsync off', () => {
  assert.ok(!flags('etcd').some((flag) => flag.includes('no-fsync')))
})

test('every component waits only for components, stops exactly once, and the data stops last', () => {
  const names = all.map((c) => c.name)
  for (const component of all)
    for (const other of component.after) assert.ok(names.indexOf(other) < names.indexOf(component.name))
  assert.deepEqual(stopOrder.flat().toSorted(), names.toSorted())
  assert.deepEqual(stopOrder.at(-1), ['etcd'])
  assert.ok(stopOrder[0]?.includes('kubelet'))
})

test('the fences stand before the first component: a route and a refusal for every service address', () => {
  const steps = preparations(plan, '/tools/iptables', ['/state/trial']).flatMap((s) =>
    'run' in s ? [s.run.join(' ')] : [],
  )
  assert.ok(steps.includes(`ip route add ${plan.serviceCidr} dev cni0`))
  for (const chain of ['OUTPUT', 'FORWARD'])
    assert.ok(steps.includes(`/tools/iptables -w -A ${chain} -d ${plan.serviceCidr} -j REJECT`))
  assert.ok(!steps.some((s) => s.includes('default')), 'there is no way out')
})

test('a state folder below /var/lib stays what it is on the disk', () => {
  const steps = preparations(plan, 'iptables', ['/var/lib/ci/state']).flatMap((s) =>
    'run' in s ? [s.run.join(' ')] : [],
  )
  assert.ok(steps.includes('mount -n --bind /run/neurodefender/var-lib/ci/state /var/lib/ci/state'))
})

test('pods get addresses of the plan only', () => {
  const text = JSON.stringify(cniConfig('trial', plan))
  for (const address of text.match(/10(\.\d+){3}(\/\d+)?/g) ?? []) assert.ok(overlaps(address, plan.podCidr), address)
})

test('sockets of containers are below a folder that ends with the namespaces', () => {
  const text = containerdConfig(paths, '/cni', 'overlayfs')
  assert.match(text, /^state = "\/run\/containerd"$/m)
  assert.match(text, /address = "\/state\/trial\/run\/containerd.sock"/)
})

test('only pods that yield are made by the runtime with the hook, after what all others are made after', () => {
  const text = containerdConfig(paths, '/cni', 'overlayfs')
  const [, others, yielding] = text.split(/containerd\.runtimes\.\w+\]/)
  assert.match(text, new RegExp(`runtimes.${yieldingClass}\\]`))
  assert.ok(!others?.includes('base_runtime_spec'))
  assert.ok(text.includes(`base_runtime_spec = "${yieldingSpecPath(paths)}"`), yielding)
  const { hooks, ...rest } = yieldingSpec({ ociVersion: '1.0.2', hooks: {} })
  assert.deepEqual(rest, { ociVersion: '1.0.2' })
  assert.deepEqual(Object.keys(hooks), ['createRuntime'])
})

test('the hook ends well for a process whose group cannot be idle', () => {
  const [hook] = (yieldingSpec({ hooks: {} }).hooks as { createRuntime: { path: string; args: string[] }[] })
    .createRuntime
  // No such process, hence no group: a pod must start all the same.
  const { status, stderr } = spawnSync(hook!.path, hook!.args.slice(1), {
    input: '{"pid":2147483647,"status":"creating"}',
  })
  assert.equal(status, 0, String(stderr))
})
