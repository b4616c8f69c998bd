import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensure } from '../ensure.ts'
import type { Kind } from './kubernetes/kind.ts'
import { at } from './kubernetes/wire.ts'
import { type ControlPlane, playKubelet, startControlPlane } from './testing/control-plane.ts'
import { type TestProgram, TestProject, type TestResource } from './testing/test-project.ts'

// The real engine, the real stand-ins and a real API server; only the node is on paper. ND_TEST_BIN names a folder with the
// executables for a quick run without the toolchain's cache.
let plane: ControlPlane
let project: TestProject
let endKubelet: () => Promise<void>

before(async () => {
  const folder = process.env.ND_TEST_BIN
  const tools = folder ? { bin: (name: string) => join(folder, name) } : await ensure(['kubernetes', 'etcd', 'pulumi'])
  plane = await startControlPlane((name) => tools.bin(name))
  endKubelet = await playKubelet(plane.cluster)
  project = new TestProject(tools.bin('pulumi'), plane.kubeconfig)
})

after(async () => {
  await endKubelet?.()
  project?.remove()
  await plane?.stop()
})

const stack = 'trial'
const deployments: Kind = { apiVersion: 'apps/v1', kind: 'Deployment' }
const configMaps: Kind = { apiVersion: 'v1', kind: 'ConfigMap' }

const namespace: TestResource = { name: 'siem', type: 'core/v1:Namespace', args: { metadata: { name: 'siem' } } }
const web = (
  change: { image?: string; app?: string; replicas?: number } = {},
  options?: TestResource['options'],
): TestResource => {
  const labels = { app: change.app ?? 'web' }
  const containers = [{ name: 'main', image: change.image ?? 'web:1' }]
  return {
    name: 'web',
    type: 'apps/v1:Deployment',
    after: ['siem'],
    args: {
      metadata: { name: 'web', namespace: 'siem' },
      spec: {
        replicas: change.replicas ?? 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    },
    ...(options ? { options } : {}),
  }
}
const service: TestResource = {
  name: 'service',
  type: 'core/v1:Service',
  after: ['siem'],
  args: { metadata: { name: 'web', namespace: 'siem' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
}
const password = 'correct-horse-battery'
const secret: TestResource = {
  name: 'secret',
  type: 'core/v1:Secret',
  after: ['siem'],
  args: { metadata: { name: 'login', namespace: 'siem' }, stringData: { password } },
}
const configMap = (data: object, options?: TestResource['options']): TestResource => ({
  name: 'settings',
  type: 'core/v1:ConfigMap',
  after: ['siem'],
  args: { metadata: { name: 'settings', namespace: 'siem' }, data },
  ...(options ? { options } : {}),
})

type Action = 'preview' | 'up' | 'destroy' | 'refresh'

/** Runs one action on a program; answers how many resources changed in which way, and everything that it printed. */
async function run(action: Action, resources?: readonly TestResource[], provider?: object) {
  if (resources) project.write({ resources, ...(provider ? { provider } : {}) } satisfies TestProgram)
  let said = ''
  const { same: _, ...summary } = await project.project[action](stack, {
    diff: true,
    onOutput: (text) => (said += text),
  }).catch((error: Error) => {
    error.message += `\n--- output:\n${said}`
    throw error
  })
  assert.ok(!said.includes(password), 'a secret was printed')
  return { summary, said }
}

const patch = (kind: Kind, id: string, body: object, subresource = '') =>
  plane.cluster.path(kind, { namespace: id.split('/')[0], name: id.split('/')[1] as string }).then((path) =>
    plane.cluster.connection.send({
      method: 'PATCH',
      path: path + subresource,
      query: { fieldManager: 'somebody' },
      contentType: 'application/merge-patch+json',
      body: body as never,
    }),
  )

test('a preview shows what an update then makes, and a second update changes nothing', async () => {
  const resources = [namespace, web(), service, secret]
  const preview = await run('preview', resources)
  assert.deepEqual(preview.summary, { create: 6 })
  assert.match(preview.said, /stand-in, not the official plugin/)
  assert.equal(await plane.cluster.get(deployments, 'siem/web'), undefined)

  assert.deepEqual((await run('up')).summary, { create: 6 })
  assert.equal(at(await plane.cluster.get(deployments, 'siem/web'), ['status', 'availableReplicas']), 2)
  assert.deepEqual((await run('up')).summary, {})
  assert.deepEqual((await run('refresh')).summary, {})

  const exported = await project.project.exportStack(stack)
  const types = (exported.deployment.resources as { type: string }[]).map(({ type }) => type)
  for (const { type } of resources) assert.ok(types.includes(`kubernetes:${type}`), type)
})

test('secrets are encrypted in the state', () => {
  const state = readFileSync(join(project.folder, 'state', '.pulumi', 'stacks', 'trial', `${stack}.json`), 'utf8')
  assert.ok(!state.includes(password) && !state.includes(Buffer.from(password).toString('base64')))
  const login = JSON.parse(state).checkpoint.latest.resources.find((one: { urn: string }) =>
    one.urn.endsWith('::secret'),
  )
  assert.ok(login.inputs.stringData.ciphertext && login.outputs.data.ciphertext)
})

test('a change is shown with its property path and made in place', async () => {
  const resources = [namespace, web({ image: 'web:2' }), service, secret]
  const preview = await run('preview', resources)
  assert.deepEqual(preview.summary, { update: 1 })
  assert.match(preview.said, /image: "web:1" => "web:2"/)
  const before = await plane.cluster.get(deployments, 'siem/web')
  await run('up')
  const now = await plane.cluster.get(deployments, 'siem/web')
  assert.equal(at(now, ['metadata', 'uid']), at(before, ['metadata', 'uid']))
  assert.equal(at(now, ['spec', 'template', 'spec', 'containers', 0, 'image']), 'web:2')
})

test('an immutable change replaces the object, the old one first', async () => {
  const resources = [namespace, web({ image: 'web:2', app: 'other' }), secret]
  const preview = await run('preview', resources)
  assert.deepEqual(preview.summary, { replace: 1, delete: 1 })
  const before = await plane.cluster.get(deployments, 'siem/web')
  await run('up')
  const now = await plane.cluster.get(deployments, 'siem/web')
  assert.notEqual(at(now, ['metadata', 'uid']), at(before, ['metadata', 'uid']))
  assert.equal(at(now, ['status', 'availableReplicas']), 2)
})

test('what the program ignores stays with whoever changed it, and what it does not ignore is put back', async () => {
  const ignoring = { ignoreChanges: ['spec.replicas'] }
  const app = 'other'
  await patch(deployments, 'siem/web', { spec: { replicas: 3 } }, '/scale')
  const ignored = [namespace, web({ image: 'web:2', app }, ignoring)]
  assert.deepEqual((await run('up', ignored)).summary, { delete: 1 })
  await run('up', [namespace, web({ image: 'web:3', app }, ignoring)])
  assert.equal(at(await plane.cluster.get(deployments, 'siem/web'), ['spec', 'replicas']), 3)
  assert.deepEqual((await run('up')).summary, {})

  const put = await run('up', [namespace, web({ image: 'web:3', app })])
  assert.match(put.said, /Deployment siem\/web differs in the cluster from what is asked for: spec\.replicas/)
  assert.equal(at(await plane.cluster.get(deployments, 'siem/web'), ['spec', 'replicas']), 2)
})

test('an ignored field that only we own is kept when another one changes', async () => {
  await run('up', [namespace, configMap({ a: '1', b: '1' })])
  await run('up', [namespace, configMap({ a: '2', b: '2' }, { ignoreChanges: ['data.a'] })])
  assert.deepEqual(at(await plane.cluster.get(configMaps, 'siem/settings'), ['data']), { a: '1', b: '2' })
})

test('an object that somebody deleted is made again, and a refresh takes in what somebody changed', async () => {
  await run('up', [namespace, configMap({ a: '1' })])
  await patch(configMaps, 'siem/settings', { data: { a: 'theirs' } })
  assert.deepEqual((await run('refresh')).summary, { update: 1 })
  const restored = await run('preview')
  assert.match(restored.said, /"theirs" => "1"/)
  await run('up')

  const path = await plane.cluster.path(configMaps, { namespace: 'siem', name: 'settings' })
  await plane.cluster.connection.send({ method: 'DELETE', path })
  const again = await run('up')
  assert.match(again.said, /ConfigMap siem\/settings is not in the cluster any more/)
  assert.deepEqual(at(await plane.cluster.get(configMaps, 'siem/settings'), ['data']), { a: '1' })
  assert.deepEqual((await run('up')).summary, {})
})

test("a refused object fails with the API server's words, at the preview already", async () => {
  const bad = {
    ...service,
    args: { metadata: { name: 'bad', namespace: 'siem' }, spec: { ports: [{ port: 99_999 }] } },
  }
  for (const action of ['preview', 'up'] as const)
    await assert.rejects(run(action, [namespace, configMap({ a: '1' }), bad]), {
      code: 'PULUMI_FAILED',
      message: /The API server refuses Service siem\/bad: .*spec\.ports\[0\]\.port: Invalid value: 99999/,
    })
  const leaky = { ...secret, args: { ...secret.args, type: 'kubernetes.io/tls' } }
  await assert.rejects(run('up', [namespace, configMap({ a: '1' }), leaky]), (error: Error) => {
    assert.match(error.message, /refuses Secret siem\/login/)
    return !error.message.includes(password)
  })
})

test('lists, patches and unknown fields are refused with a sentence', async () => {
  const list = { name: 'list', type: 'core/v1:ConfigMapList', args: { items: [] } }
  await assert.rejects(run('preview', [namespace, list]), { message: /'ConfigMapList' is not one object/ })
  const unknown = { ...configMap({}), args: { metadata: { name: 'settings', namespace: 'siem' }, dota: {} } }
  await assert.rejects(run('preview', [namespace, unknown]), { message: /dota: field not declared in schema/ })
})

test('a pod that crashes fails the update with its reason, and the next update goes on from there', async () => {
  // What earlier tests left goes first: a failed update takes nothing away, and the next one would.
  await run('up', [namespace, web({ image: 'web:3' })])
  const broken = web({ image: 'web:broken' }, { customTimeouts: { create: '4s', update: '4s' } })
  await assert.rejects(run('up', [namespace, broken]), {
    message:
      /Deployment siem\/web was not ready within \d+ s: [\s\S]*CrashLoopBackOff[\s\S]*ended with 1 \(Error\), 3 restarts/,
  })
  const { summary } = await run('up', [namespace, web({ image: 'web:4' })])
  assert.deepEqual(summary, { update: 1 })
  assert.deepEqual((await run('up')).summary, {})
})

test('what exists already is refused unless it is imported', async () => {
  const path = '/api/v1/namespaces/siem/configmaps'
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } }
  await plane.cluster.connection.send({ method: 'POST', path, body })
  await assert.rejects(run('up', [namespace, web({ image: 'web:4' }), configMap({ a: '1' })]), {
    message: /ConfigMap siem\/settings exists already and was not made by Pulumi/,
  })
  const { summary } = await run('up', [
    namespace,
    web({ image: 'web:4' }),
    configMap({ a: '1' }, { import: 'siem/settings' }),
  ])
  assert.deepEqual(summary, { import: 1 })
  assert.deepEqual((await run('up', [namespace, web({ image: 'web:4' }), configMap({ a: '1' })])).summary, {})
})

test('a definition and an object of it come up in one update, names are made where none are given', async () => {
  const group = 'trial.neurodefender.test'
  const definition: TestResource = {
    name: 'definition',
    type: 'apiextensions.k8s.io/v1:CustomResourceDefinition',
    args: {
      metadata: { name: `things.${group}` },
      spec: {
        ...{
          group,
          scope: 'Namespaced',
          names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        },
        versions: [
          {
            ...{ name: 'v1', served: true, storage: true },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
              },
            },
          },
        ],
      },
    },
  }
  const thing: TestResource = {
    ...{ name: 'thing', type: `${group}/v1:Thing`, after: ['definition', 'siem'] },
    args: { metadata: { namespace: 'siem' }, spec: { size: 3 } },
  }
  const resources = [namespace, definition, thing]
  assert.equal((await run('preview', resources)).summary.create, 2)
  await run('up')
  assert.deepEqual((await run('up')).summary, {})
  const items = await plane.cluster.select({ apiVersion: `${group}/v1`, kind: 'Thing' }, 'siem', '')
  assert.match(String(at(items[0], ['metadata', 'name'])), /^thing-[0-9a-f]{8}$/)
})

/** What a process file of a running process holds; empty once it has ended. */
function processFile(pid: string, name: 'stat' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

/** The plugins that an engine runs: the language host and the provider. */
const pluginsOf = (engine: number | undefined): string[] =>
  readdirSync('/proc').filter((pid) => processFile(pid, 'stat').split(') ')[1]?.split(' ')[1] === String(engine))

test('a run that was killed leaves a lock, which the next one takes away and continues', async () => {
  const slow = web({ image: 'web:broken' })
  project.write({ resources: [namespace, slow] })
  const { bin, env } = await plain()
  const killed = spawn(join(bin, 'pulumi'), ['up', '--yes', '--skip-preview', '--stack', stack], {
    cwd: join(project.folder, 'work'),
    env,
  })
  let said = ''
  killed.stdout.on('data', (data) => (said += data))
  while (!/CrashLoopBackOff/.test(said)) await new Promise((resolve) => killed.stdout.once('data', resolve))
  await assert.rejects(project.project.preview(stack), {
    code: 'STACK_LOCKED',
    message: /Another run \(process \d+ of/,
  })
  const ended = new Promise((resolve) => killed.once('exit', resolve))
  const plugins = pluginsOf(killed.pid)
  assert.equal(plugins.length, 2)
  killed.kill('SIGKILL')
  await ended
  while (plugins.some((pid) => processFile(pid, 'cmdline'))) await new Promise((resolve) => setTimeout(resolve, 50))
  const next = await run('up', [namespace, web()])
  assert.match(next.said, /ended without unlocking 'trial': unlocking it/)
  assert.deepEqual((await run('up')).summary, {})
})

test('an interrupt ends the wait at once and keeps what there is', async () => {
  project.write({ resources: [namespace, web({ image: 'web:broken' })] })
  const interrupt = new AbortController()
  const running = project.project.up(stack, {
    signal: interrupt.signal,
    onOutput: (text) => text.includes('pods') && interrupt.abort(new Error('interrupted')),
  })
  await assert.rejects(running, { message: 'interrupted' })
  await run('up', [namespace, web()])
})

test('a protected object is not deleted, and a destroy leaves nothing', async () => {
  await run('up', [namespace, web(), service, configMap({ a: '1' }, { protect: true })])
  await assert.rejects(run('destroy'), { message: /settings.*protected|protected.*settings/s })
  assert.ok(await plane.cluster.get(configMaps, 'siem/settings'))
  await run('up', [namespace, web(), service, configMap({ a: '1' })])
  await run('destroy')
  assert.equal(await plane.cluster.get({ apiVersion: 'v1', kind: 'Namespace' }, 'siem'), undefined)
  assert.equal(((await project.project.exportStack(stack)).deployment.resources ?? []).length, 0)
})

/** The environment of plain `pulumi` in the test's project. */
async function plain(): Promise<{ bin: string; env: Record<string, string> }> {
  const env = project.project.environment(process.env.PATH ?? '')
  return { bin: env.PATH?.split(':')[0] as string, env }
}
