import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { regionStatus } from '../../infra/local/status.ts'
import type { CanaryStatus } from '../../policies/model/ml-inference.ts'
import { manager } from '../../services/platform/operator/desired/names.ts'
import { ensure } from '../engine/ensure.ts'
import { classifier, flowsOf } from '../inference/peers/requests.ts'
import { run as program, pythonWith } from '../python/environment.ts'
import { containers, kill9, kubectl, until } from './cluster.ts'
import { FullRegion } from './full-region.ts'
import { type Answer, failed, type Question } from './mesh/client.ts'
import { modelShelf } from './mesh/shelf.ts'

const namespace = 'ngfw'
const shelf = 'model-shelf'
const name = 'threat-detection'
const host = `${name}.${namespace}.svc.cluster.local`
/** As the design document has it, to the letter. */
const seed = `
apiVersion: neurodefender.io/v1
kind: MLInference
metadata:
  name: threat-detection
spec:
  replicas: 3
  scaling:
    metrics:
      - type: QPS
        averageValue: 1000
    minReplicas: 2
    maxReplicas: 10
  resources:
    requests:
      memory: "4Gi"
      gpu: "1"
`
/** Requests a second. */
const rate = 200
/** Judged in seconds, not in minutes. */
const quick = {
  interval: '5s',
  deadline: '6m',
  minRequests: 100,
  maxErrorIncrease: 0.05,
  maxLatencyIncrease: 1,
  confidence: 0.95,
}

interface Resource {
  readonly metadata: { readonly generation: number }
  readonly spec: { readonly replicas: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly readyReplicas?: number
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[]
    readonly subsets?: { readonly stable?: { readonly version?: string; readonly readyReplicas?: number } }
    readonly canary?: CanaryStatus
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly status: {
    readonly phase: string
    readonly reason?: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

const words = (answers: readonly Answer[]): string =>
  [...Map.groupBy(answers, (a) => `${a.status} ${a.text.slice(0, 200)}`)]
    .map(([word, its]) => `${its.length} × ${word}`)
    .join('; ')
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

describe('an MLInference in a region with the mesh', { timeout: 40 * 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nd-inference-'))
  const [first, second] = [classifier('1'), classifier('2')]
  const question: Question = {
    path: `/v2/models/${name}/infer`,
    body: JSON.stringify({
      inputs: [{ name: 'flows', datatype: 'FP32', shape: [1, first.features.length], data: flowsOf(first, 1).flat() }],
    }),
  }
  let full: FullRegion
  let slow: { readonly version: string; readonly uri: string; readonly sha256: string }

  const resource = () => kubectl<Resource>(full.access, ['-n', namespace, 'get', 'mli', name])
  const pods = async (selector: string) =>
    (await kubectl<{ items: Pod[] }>(full.access, ['-n', namespace, 'get', 'pods', '-l', selector])).items
  const inferencePods = (subset: string) => pods(`neurodefender.io/inference=${name},neurodefender.io/subset=${subset}`)
  const ready = ({ status }: Pod) => status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false
  const patch = (spec: object) =>
    full.run(['-n', namespace, 'patch', 'mli', name, '--type', 'merge', '-p', JSON.stringify({ spec })])
  /** All pods that the resource is to have, which an autoscaler decides once there is load, are ready and have the model. */
  const settled = (version: string, counted?: number) =>
    until(`${counted ?? 'all'} ready pods with model ${version}`, async () => {
      const { metadata, spec, status } = await resource()
      const wanted = counted ?? spec.replicas
      const stable = await inferencePods('stable')
      const alive = stable.filter((pod) => pod.status.phase === 'Running')
      return (
        status?.observedGeneration === metadata.generation &&
        status.readyReplicas === wanted &&
        status.subsets?.stable?.version === version &&
        alive.length === wanted &&
        alive.every(ready)
      )
    })
  const model = (version: string) => {
    const { sha256 } = version === '1' ? first : second
    return { version, sha256, uri: `file:///models/flow-classifier/${version}/model.onnx` }
  }
  /** Under load while `drill` runs; no answer is bad. */
  const underLoad = async (drill: () => Promise<void>): Promise<readonly Answer[]> => {
    const { answers } = await full.gateway.whileGoing(host, rate, drill(), question)
    assert.equal(failed(answers).length, 0, words(failed(answers)))
    return answers
  }
  const walked = async (phase: CanaryStatus['phase']) => {
    return until(
      `the canary to be ${phase}`,
      async () => {
        const { canary } = (await resource()).status ?? {}
        return canary?.phase === phase ? canary : undefined
      },
      400_000,
    )
  }

  before(async () => {
    full = await FullRegion.open('e2e-mli')
    // What an earlier test of a region that stands left there.
    if (!full.own) await patch({ model: model('1'), canary: null })
    const file = join(folder, 'slow.onnx')
    const python = await pythonWith('inference-train', here('../inference/train/requirements.txt'))
    await program(python, [here('../inference/drill/slow.py'), second.file, file, '8'])
    const bytes = readFileSync(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    slow = { version: '3', sha256, uri: `http://${shelf}.${namespace}.svc.cluster.local:8080/slow.onnx` }
    await full.apply(...modelShelf(shelf, bytes, full.region.images.analytics as string))
    await full.rolledOut(namespace, `deploy/${shelf}`)
  })
  after(async () => {
    if (full && !full.own) {
      await full.run(['-n', namespace, 'delete', 'deploy,service,configmap', shelf, '--ignore-not-found'])
      await patch({ canary: null })
    }
    await full?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test("the design document's resource, applied, becomes three ready pods", async () => {
    await full.run(['-n', namespace, 'apply', '-f', '-'], seed)
    await settled('1', 3)
    await until('the gateway to answer', async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => full.gateway.ask(host, question)))
      return failed(answers).length === 0
    })
    const answer = await full.gateway.ask(host, question)
    const { outputs, model_name } = JSON.parse(answer.text) as {
      model_name: string
      outputs: { name: string; data: number[] }[]
    }
    assert.equal(model_name, name)
    assert.deepEqual(outputs.find((output) => output.name === 'label')?.data, first.examples.label.slice(0, 1))
  })

  test('a bad object is refused with a sentence', async () => {
    const bad = seed.replace('"4Gi"', '"4 gigs"')
    await assert.rejects(
      full.run(['-n', namespace, 'apply', '-f', '-'], bad),
      /A quantity is a number with no unit or one of m, Ki, Mi, Gi, Ti/,
    )
    const inverted = seed.replace('minReplicas: 2', 'minReplicas: 12')
    await assert.rejects(full.run(['-n', namespace, 'apply', '-f', '-'], inverted), /minReplicas/)
  })

  test("NVIDIA's and KServe's clients work unchanged, through the gateway", async () => {
    const { nodeAddress } = full.region
    const address = `${nodeAddress}:${full.gateway.port}`
    const ca = full.authority
    const said = async (script: string, requirements: string, input: object) => {
      const python = await pythonWith(`inference-${requirements}`, here(`../inference/clients/${requirements}.txt`))
      const asked = { ca, model: name, version: '1', flows: first.examples.flows, ...input }
      return JSON.parse(
        await program(python, [here(`../inference/clients/${script}`)], { input: JSON.stringify(asked) }),
      )
    }
    const good = (answer: { label: number[]; probabilities: number[][] }) => {
      assert.deepEqual(answer.label, first.examples.label)
      const given = answer.probabilities.flat()
      for (const [at, wanted] of first.examples.probabilities.flat().entries())
        assert.ok(Math.abs(given[at]! - wanted) < 1e-5)
    }
    for (const protocol of ['http', 'grpc']) {
      const answer = await said('triton.py', 'tritonclient', { url: address, protocol })
      assert.deepEqual(
        [answer.live, answer.ready, answer.modelReady, answer.nobodyReady],
        [true, true, true, false],
        protocol,
      )
      good(answer.default)
      assert.match(answer.refusal.message, /flows/)
    }
    const kserve = await said('kserve_client.py', 'kserve', { url: `https://${address}`, grpc: address })
    for (const way of ['rest', 'grpc']) {
      assert.deepEqual([kserve[way].live, kserve[way].ready, kserve[way].modelReady], [true, true, true], way)
      good(kserve[way].json)
      good(kserve[way].binary)
    }
  })

  test('a rolling update under load costs no request', async () => {
    await underLoad(async () => {
      await patch({ model: model('2') })
      await settled('2')
    })
  })

  test('a canary takes over under load without a failed request', async () => {
    await patch({ model: model('1') })
    await settled('1')
    const answers = await underLoad(async () => {
      await patch({ canary: { ...quick, model: model('2') } })
      const status = await walked('Promoted')
      assert.equal(status.weight, 0, status.message)
    })
    assert.ok(answers.length > 20 * rate)
    assert.equal((await resource()).status?.subsets?.stable?.version, '2')
    // As the documentation says: the candidate becomes the model, and nothing rolls.
    await patch({ model: model('2'), canary: { model: null } })
    await settled('2')
  })

  test('a candidate that is slower is rolled back without a failed request', async () => {
    await underLoad(async () => {
      await patch({ canary: { ...quick, model: slow } })
      const status = await walked('RolledBack')
      assert.equal(status.reason, 'TooSlow', status.message)
    })
    await patch({ canary: { model: null } })
    await settled('2')
  })

  test('a pod that the kubelet evicts costs no request', async () => {
    const [victim] = await inferencePods('stable')
    await underLoad(async () => {
      // More than its share of the node's disk: the kubelet ends it at once, as a node under pressure does, and gives it no time to say goodbye.
      const filled = [
        '-n',
        namespace,
        'exec',
        victim!.metadata.name,
        '--',
        '/usr/bin/node',
        '-e',
        "fs.writeFileSync('/tmp/filling', Buffer.alloc(96 << 20))",
      ]
      await full.run(filled)
      await until('the eviction', async () => {
        const about = `involvedObject.name=${victim!.metadata.name},reason=Evicted`
        const args = ['-n', namespace, 'get', 'events', '--field-selector', about]
        return (await kubectl<{ items: unknown[] }>(full.access, args)).items.length > 0
      })
      await settled('2')
    })
  })

  test('an operator that is killed while it leads costs no request, and the next finishes its work', async () => {
    await full.run(['-n', namespace, 'scale', 'deploy/operator', '--replicas=2'])
    await full.rolledOut(namespace, 'deploy/operator')
    const holder = async () =>
      (await kubectl<{ spec: { holderIdentity?: string } }>(full.access, ['-n', namespace, 'get', 'lease', manager]))
        .spec.holderIdentity
    const leader = await holder()
    const victim = (await containers(full.access, namespace, 'operator')).find(({ pod }) => leader?.startsWith(pod))
    assert.ok(victim, `no pod of the leader ${leader}`)
    await underLoad(async () => {
      await patch({ model: model('1') })
      await kill9(full.access, victim.id)
      await until('another leader', async () => (await holder()) !== leader)
      await settled('1')
    })
  })

  test('a watch that is dropped again and again costs no request and no edit', async () => {
    const toolchain = await ensure(['kubernetes', 'node-runtime'], { cacheRoot: full.where.cacheRoot })
    const addresses = (await pods('app.kubernetes.io/name=operator')).flatMap(({ status }) => status.podIP ?? [])
    const inside = async (...args: string[]) =>
      (
        await promisify(execFile)('nsenter', [
          '-t',
          `${regionStatus(full.where.region, full.where.stateRoot).initPid}`,
          '-n',
          toolchain.bin('iptables'),
          '-w',
          ...args,
        ])
      ).stdout
    const rule = (action: string, address: string) =>
      inside(
        action,
        'INPUT',
        '-s',
        address,
        '-p',
        'tcp',
        '--dport',
        '6443',
        '-j',
        'REJECT',
        '--reject-with',
        'tcp-reset',
      )
    await underLoad(async () => {
      for (const version of ['2', '1', '2']) {
        for (const address of addresses) await rule('-I', address)
        try {
          // Changed while nobody hears of it: seen when the operator can list and watch again.
          await patch({ model: model(version) })
          await until('what the operator sends to be refused', async () => {
            const rules = await inside('-L', 'INPUT', '-n', '-v', '-x')
            return addresses.every((address) =>
              new RegExp(`^\\s*[1-9]\\d*\\s.*REJECT.*${address.replaceAll('.', '\\.')}`, 'm').test(rules),
            )
          })
        } finally {
          for (const address of addresses) await rule('-D', address)
        }
        await settled(version)
      }
    })
  })
})
