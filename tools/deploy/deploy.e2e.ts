import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensure } from '../engine/ensure.ts'
import { locks } from '../engine/pulumi/lock.ts'
import { type ControlPlane, playKubelet, startControlPlane } from '../engine/pulumi/testing/control-plane.ts'
import { TestProject, type TestResource } from '../engine/pulumi/testing/test-project.ts'

// The real engine and a real API server; only the node and the environment are on paper.
let plane: ControlPlane
let project: TestProject
let endKubelet: () => Promise<void>

before(async () => {
  const tools = await ensure(['kubernetes', 'etcd', 'pulumi'])
  plane = await startControlPlane((name) => tools.bin(name))
  endKubelet = await playKubelet(plane.cluster)
  project = new TestProject(tools.bin('pulumi'), plane.kubeconfig)
})

after(async () => {
  await endKubelet?.()
  project?.remove()
  await plane?.stop()
})

const stacks = ['trial', 'trial-us-east-1', 'trial-links', 'trial-us-east-1-services']

const settings = (name: string, data: object): TestResource => ({
  name,
  type: 'core/v1:ConfigMap',
  args: { metadata: { name, namespace: 'default' }, data },
})
/** `web:broken` never becomes ready. */
const web = (image: string): TestResource => ({
  name: 'web',
  type: 'apps/v1:Deployment',
  args: {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
    },
  },
})

/** What is said of it meanwhile. */
const broken = /CrashLoopBackOff/

/** What each stack makes: a setting, and the region a workload. */
const write = (image: string, extra: Readonly<Record<string, readonly TestResource[]>> = {}) =>
  project.write({
    resources: [],
    stacks: Object.fromEntries(
      stacks.map((stack) => [
        stack,
        [settings(stack, { stack }), ...(stack === 'trial-us-east-1' ? [web(image)] : []), ...(extra[stack] ?? [])],
      ]),
    ),
  })

interface Run {
  readonly child: ChildProcess
  readonly said: () => string
  /** Resolves when the output matches; rejects when the command ends before. */
  readonly until: (pattern: RegExp) => Promise<void>
  readonly ended: Promise<number | null>
}

/** Starts the command as a shell would: in a process group of its own. */
function start(...args: string[]): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/trial.ts'), '--env', 'trial', ...args], {
    detached: true,
    env: { ...process.env, TRIAL_PROJECT: JSON.stringify(project.options) },
  })
  let said = ''
  let over = false
  let wake = () => {}
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
      wake()
    })
  const ended = once(child, 'close').then(([code]) => {
    over = true
    wake()
    return code as number | null
  })
  const until = async (pattern: RegExp) => {
    while (!pattern.test(said)) {
      if (over) throw new Error(`The command ended before ${pattern}:\n${said}`)
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return { child, said: () => said, until, ended }
}

const bring = async (...args: string[]) => {
  const { ended, said } = start('--yes', ...args)
  return { code: await ended, said: said() }
}
const held = (stack: string) => locks(join(project.folder, 'state'), 'trial', stack)
const steps = (said: string) => [...said.matchAll(/^✓ (\d\/\d \w+ \S+)/gm)].map(([, step]) => step)

test('stacks that are missing are named, and none is made', async () => {
  write('web:1')
  const { code, said } = await bring('--all')
  assert.equal(code, 1)
  assert.match(said, /NOT_READY.*no stack 'trial', 'trial-us-east-1', 'trial-links' and 'trial-us-east-1-services'/)
  for (const stack of stacks) await project.project.init(stack, 'passphrase')
})

test('without --yes and a terminal nothing is changed', async () => {
  write('web:1')
  const { ended, said } = start('--all')
  assert.equal(await ended, 1, said())
  assert.match(said(), /NOT_CONFIRMED.*Nobody can be asked here/)
})

test('a run that was killed is taken up where it stopped', async () => {
  write('web:broken')
  const { until, ended } = start('--all', '--yes', '--verbose')
  await until(broken)
  const [lock] = held('trial-us-east-1')
  assert.ok(lock)
  process.kill(lock.pid, 'SIGKILL')
  assert.equal(await ended, 1)
  assert.equal((await project.project.exportStack('trial-us-east-1')).deployment.pending_operations.length, 1)

  write('web:1')
  const { code, said } = await bring('--all')
  assert.equal(code, 0, said)
  assert.deepEqual(steps(said), [
    '1/4 up trial',
    '1/4 gate trial',
    '2/4 settle trial-us-east-1',
    '2/4 up trial-us-east-1',
    '2/4 gate trial-us-east-1',
    '3/4 up trial-links',
    '3/4 gate trial-links',
    '4/4 up trial-us-east-1-services',
    '4/4 gate trial-us-east-1-services',
  ])
  assert.match(said, /^ {2}trial: 3 as they were$/m)
  assert.match(said, /^ {2}trial-us-east-1: 1 created/m)
})

test('what is up is as the program says, until the program says something else', async () => {
  const preview = (...args: string[]) => {
    const { ended, said } = start('--preview', '--expect-no-changes', ...args)
    return ended.then((code) => ({ code, said: said() }))
  }
  const same = await preview('--stack', 'trial', '--stack', 'trial-us-east-1', '--refresh')
  assert.equal(same.code, 0, same.said)
  write('web:2')
  const report = join(project.folder, 'report.md')
  const differs = await preview('--stack', 'trial-us-east-1', '--report', report)
  assert.equal(differs.code, 3, differs.said)
  assert.match(differs.said, /image: "web:1" => "web:2"/)
  const line = '- `trial-us-east-1`: 1 resource (update kubernetes:apps/v1:Deployment web)\n'
  assert.equal(readFileSync(report, 'utf8'), line)
})

test("a terminal's Ctrl-C reaches the engine once: it gives its lock back, and the same command goes on", async () => {
  write('web:broken')
  const { child, until, ended, said } = start(
    '--stack',
    'trial-us-east-1',
    '--stack',
    'trial-links',
    '--yes',
    '--verbose',
  )
  await until(broken)
  process.kill(-(child.pid as number), 'SIGINT')
  assert.equal(await ended, 130, said())
  assert.match(said(), /the same command goes on from there/)
  assert.deepEqual(held('trial-us-east-1'), [])
  assert.doesNotMatch(said(), /up trial-links/)
  write('web:3')
  const next = await bring('--stack', 'trial-us-east-1')
  assert.equal(next.code, 0, next.said)
  assert.doesNotMatch(next.said, /without unlocking/)
})

test('a command that is killed takes its engine with it, and the next one goes on', async () => {
  write('web:broken')
  const { child, until, ended } = start('--stack', 'trial-us-east-1', '--yes', '--verbose')
  await until(broken)
  const [lock] = held('trial-us-east-1')
  assert.ok(lock)
  child.kill('SIGKILL')
  await ended
  while (isRunning(lock.pid)) await new Promise((resolve) => setTimeout(resolve, 20))
  const written = readdirSync(join(project.folder, 'state'), { recursive: true, encoding: 'utf8' })
  assert.deepEqual(
    written.filter((file) => file.endsWith('.attrs')),
    [],
    'nothing that is written in place, and that a kill could leave half written',
  )
  write('web:4')
  const next = await bring('--stack', 'trial-us-east-1')
  assert.equal(next.code, 0, next.said)
})

function isRunning(pid = 0): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
