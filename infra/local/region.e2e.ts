import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { until } from '../../services/common/testing/processes.ts'
import { ensure } from '../../tools/engine/ensure.ts'
import { addressPlan } from './address.ts'
import type { RegionTree } from './host/tree.ts'
import { isAlive } from './host/tree.ts'
import { buildImages, importImages } from './images/index.ts'
import { defaultCacheRoot, type Region, regionStatus, startRegion, stopRegion } from './region.ts'
import { lookAtMachine, namespacesOf, outerPid, processesIn } from './test/machine.ts'
import { restrictedPod } from './test/pod.ts'
import type { Toolchain } from './toolchain.ts'

const stateRoot = mkdtempSync(join(tmpdir(), 'nd-'))
const cacheRoot = defaultCacheRoot()
const [name, neighbour] = ['it-one', 'it-two']
const artefacts = ['kubernetes', 'etcd', 'coredns', 'node-runtime', 'image-base'] as const
/** A region must be Ready this soon once the tools are there. */
const startWithin = 60_000

const failure = (host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 15_000 })
    socket.on('connect', () => resolve('connected'))
    socket.on('timeout', () => resolve('silence'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
  }).finally(() => undefined) as Promise<string>

describe('a local region', { timeout: 15 * 60_000 }, () => {
  let toolchain: Toolchain
  let region: Region
  let before_: ReturnType<typeof lookAtMachine>
  const look = () => lookAtMachine(toolchain.bin('iptables-save'), [name, neighbour])
  const start = (which: string, onProgress?: (text: string) => void) =>
    startRegion({ name: which, toolchain, stateRoot, cacheRoot, ...(onProgress ? { onProgress } : {}) })
  const stop = (which: string, keep = false) => stopRegion({ name: which, stateRoot, keep })
  const init = (which: string): number => regionStatus(which, stateRoot).initPid!
  const kubectl = (of: Region, args: readonly string[], input?: object): string =>
    execFileSync(toolchain.bin('kubectl'), ['--kubeconfig', of.paths.kubeconfig, ...args], {
      encoding: 'utf8',
      ...(input ? { input: JSON.stringify(input) } : {}),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  const inside = (which: string, ...command: string[]): string =>
    execFileSync('nsenter', ['-t', String(init(which)), '-n', ...command], { encoding: 'utf8' })

  before(async () => {
    toolchain = await ensure([...artefacts], { cacheRoot })
    before_ = look()
    const progress: string[] = []
    const began = performance.now()
    region = await start(name, (text) => {
      progress.push(text)
      // The claim of the network comes before the first process.
      if (text.startsWith('certificates')) assert.ok(look().routes.some((r) => r.startsWith('unreachable 10.')))
    })
    assert.ok(performance.now() - began < startWithin, 'Ready within a minute')
    assert.ok(progress.length > 2)
  })

  after(async () => {
    await stop(neighbour)
    await stop(name)
    rmSync(stateRoot, { recursive: true, force: true })
  })

  test('the node is Ready, and starting it again finds it running', async () => {
    assert.match(kubectl(region, ['get', 'nodes']), /it-one-0 +Ready/)
    const running = init(name)
    await start(name)
    assert.equal(init(name), running)
  })

  test('nobody is let in without a certificate', async () => {
    const ca = readFileSync(join(region.paths.pki, 'ca.crt'))
    const status = (path: string, port = 6443) =>
      new Promise((resolve, reject) => {
        const asked = request(`https://${region.nodeAddress}:${port}${path}`, { ca, agent: false }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
        asked.on('error', reject).end()
      })
    for (const path of ['/readyz', '/api', '/version', '/metrics', '/openid/v1/jwks'])
      assert.equal(await status(path), 401, path)
    for (const path of ['/pods', '/metrics', '/healthz'])
      assert.equal(await status(path, 10250), 401, `kubelet ${path}`)
    assert.throws(
      () => inside(name, 'curl', '-sk', '--fail', '-m', '5', 'https://127.0.0.1:2379/version'),
      'etcd asks for one',
    )
  })

  test('it listens on loopback and its bridge, in its own network only', () => {
    const listeners = inside(name, 'cat', `/proc/${init(name)}/net/tcp`)
      .split('\n')
      .filter((line) => / 0A /.test(line))
    const [loopback, node] = ['0100007F', hex(region.nodeAddress)]
    assert.ok(listeners.length > 5)
    for (const line of listeners)
      assert.ok([loopback, node].includes(line.trim().split(/\s+/)[1]!.split(':')[0]!), line)
    const six = readFileSync(`/proc/${init(name)}/net/tcp6`, 'utf8')
      .split('\n')
      .filter((line) => / 0A /.test(line))
    assert.deepEqual(six, [])
    const outside = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8')
    for (const port of [6443, 2379, 10250])
      assert.ok(!outside.includes(`:${port.toString(16).toUpperCase()} 00000000:0000 0A`), `${port}`)
  })

  test('the kubelet may touch its own node only', () => {
    const node = { ...region, paths: { ...region.paths, kubeconfig: join(region.paths.run, 'kubelet.kubeconfig') } }
    assert.throws(() => kubectl(node, ['get', 'secrets', '-A']), /Forbidden/)
    assert.throws(
      () => kubectl(node, ['label', 'node', 'it-one-0', 'node-restriction.kubernetes.io/x=y']),
      /Forbidden|forbidden/,
    )
  })

  test('a pod that is not restricted is refused', async () => {
    await until('the default account, which comes before any pod', () => {
      try {
        return kubectl(region, ['get', 'serviceaccount', 'default']) !== ''
      } catch {
        return false
      }
    })
    const loose = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'loose' },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    }
    assert.throws(() => kubectl(region, ['create', '-f', '-'], loose), /violates PodSecurity "restricted/)
  })

  test('no packet of its networks leaves the machine', async () => {
    const plan = addressPlan(region.index)
    const nowhere = [plan.serviceCidr.replace('.0/20', '.99'), plan.podCidr.replace('.0/24', '.251')] as const
    const beyond = plan.network.replace('.0.0/16', '.77.1')
    for (const address of [nowhere[0], beyond]) {
      assert.throws(
        () => execFileSync('ip', ['route', 'get', address], { stdio: 'pipe' }),
        /No route to host|unreachable/,
      )
      assert.equal(await failure(address, 80), 'EHOSTUNREACH')
    }
    assert.equal(await failure(nowhere[1], 80), 'EHOSTUNREACH')

    assert.equal(inside(name, 'ip', 'route', 'show', 'default'), '')
    const links = JSON.parse(inside(name, 'ip', '-json', 'link')) as { ifname: string }[]
    assert.deepEqual(
      links
        .map((l) => l.ifname)
        .filter((l) => !l.startsWith('veth'))
        .toSorted(),
      ['cni0', 'lo', 'uplink'],
    )

    const bundle = join(stateRoot, 'bundle')
    mkdirSync(bundle, { recursive: true })
    cpSync(join(import.meta.dirname, 'test/probe.mjs'), join(bundle, 'main.mjs'))
    const images = await buildImages({ toolchain, cacheRoot, bundles: { probe: bundle }, only: ['pause', 'probe'] })
    await importImages({ region, toolchain, images })
    const targets = {
      unassignedService: `${nowhere[0]}:80`,
      unassignedPod: `${nowhere[1]}:80`,
      beyond: `${beyond}:80`,
      internet: '192.0.2.1:80',
      machine: `${plan.hostAddress}:22`,
      api: `${plan.kubernetesAddress}:443`,
    }
    const reference = images.find((image) => image.name === 'probe')!.reference
    kubectl(region, ['create', '-f', '-'], restrictedPod('probe', reference, Object.values(targets)))
    kubectl(region, ['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/probe', '--timeout=60s'])
    const said = JSON.parse(kubectl(region, ['logs', 'probe'])) as Record<string, { result: string; ms: number }>
    const result = (target: keyof typeof targets) => said[targets[target]]!.result
    assert.equal(result('unassignedService'), 'ECONNREFUSED')
    assert.equal(result('unassignedPod'), 'EHOSTUNREACH')
    assert.equal(result('beyond'), 'ENETUNREACH')
    assert.equal(result('internet'), 'ENETUNREACH')
    assert.equal(result('machine'), 'ECONNREFUSED')
    assert.equal(result('api'), 'connected')
    for (const { ms } of Object.values(said)) assert.ok(ms < 10_000)
    const rules = inside(name, toolchain.bin('iptables-save'), '-c')
    const refused = new RegExp(`\\[(\\d+):\\d+\\] -A FORWARD -d ${plan.serviceCidr} -p tcp -j REJECT`).exec(rules)?.[1]
    assert.ok(Number(refused) >= 1, 'the refusal counted the packet')
  })

  test('a neighbour comes and goes and changes nothing', async () => {
    const pid = init(name)
    const other = await start(neighbour)
    assert.notEqual(other.index, region.index)
    assert.match(kubectl(other, ['get', 'nodes']), /it-two-0 +Ready/)
    assert.throws(
      () =>
        kubectl({ ...other, paths: { ...other.paths, kubeconfig: region.paths.kubeconfig } }, [
          'get',
          '--server',
          other.apiServer,
          'nodes',
        ]),
      /certificate/,
    )
    const spaces = namespacesOf(init(neighbour))
    await stop(neighbour)
    assert.deepEqual(processesIn(spaces), [])
    assert.equal(existsSync(other.state), false)
    assert.equal(init(name), pid)
    assert.match(kubectl(region, ['get', 'nodes']), /it-one-0 +Ready/)
  })

  test('the same name from another state folder is refused, and the one that runs goes on', async () => {
    const pid = init(name)
    const elsewhere = mkdtempSync(join(tmpdir(), 'nd-'))
    const taken = { code: 'NAME_TAKEN', message: new RegExp(`runs already, with its state in ${region.state}`) }
    await assert.rejects(startRegion({ name, toolchain, stateRoot: elsewhere, cacheRoot }), taken)
    await assert.rejects(stopRegion({ name, stateRoot: elsewhere, keep: false }), taken)
    rmSync(elsewhere, { recursive: true })
    assert.equal(init(name), pid)
  })

  for (const component of ['etcd', 'kube-apiserver', 'containerd', 'kubelet', 'kube-proxy'])
    test(`${component} comes back after kill -9`, async () => {
      const part = () => regionStatus(name, stateRoot).supervisor!.components[component]!
      const { pid, restarts } = part()
      process.kill(outerPid(init(name), pid!), 'SIGKILL')
      await until(`${component} ready again`, () => part().restarts === restarts + 1 && part().state === 'ready')
      await until('the API answers', () => {
        try {
          return /it-one-0 +Ready/.test(kubectl(region, ['get', 'nodes']))
        } catch {
          return false
        }
      })
    })

  test('its data survives a stop, and the end of everything by kill -9', async () => {
    kubectl(region, ['create', 'configmap', 'kept', '--from-literal=x=1'])
    const images = readFileSync(region.paths.images, 'utf8')
    await stop(name, true)
    assert.equal(regionStatus(name, stateRoot).phase, 'stopped')
    assert.deepEqual({ ...look(), files: [] }, { ...before_, files: [] })
    const again = await start(name)
    assert.deepEqual([again.index, again.secrets], [region.index, region.secrets])
    assert.match(kubectl(again, ['get', 'configmap', 'kept', '-o', 'yaml']), /x: "1"/)
    assert.equal(readFileSync(region.paths.images, 'utf8'), images)

    const tree = JSON.parse(readFileSync(join(region.paths.run, 'tree.json'), 'utf8')) as RegionTree
    process.kill(tree.unshare.pid, 'SIGKILL')
    await until('the region ended with its outer process', () => !isAlive(tree.init))
    const third = await start(name)
    assert.match(kubectl(third, ['get', 'configmap', 'kept', '-o', 'yaml']), /x: "1"/)
  })

  test('a supervisor killed while the region starts leaves something that down clears', async () => {
    await stop(name, true)
    const starting = start(name)
    const failed = assert.rejects(starting, { code: 'COMPONENT_FAILED' })
    await until('the supervisor starts components', () => regionStatus(name, stateRoot).phase === 'starting')
    process.kill(outerPid(init(name), supervisorPid(init(name))), 'SIGKILL')
    await failed
    await stop(name, true)
    assert.deepEqual(look().cgroups, before_.cgroups)
    region = await start(name)
  })

  test('down leaves the machine as it was', async () => {
    const spaces = namespacesOf(init(name))
    await stop(name)
    assert.deepEqual(processesIn(spaces), [])
    assert.equal(existsSync(region.state), false)
    assert.deepEqual(look(), before_)
    await stop(name)
  })
})

/** An IPv4 address as /proc/net/tcp writes it. */
const hex = (address: string): string =>
  address
    .split('.')
    .toReversed()
    .map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join('')

/** The supervisor is the only child of the first process; inside it is number 2 or soon after. */
function supervisorPid(init: number): number {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(init)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
  const status = readFileSync(`/proc/${children[0]}/status`, 'utf8')
  return Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1])
}
