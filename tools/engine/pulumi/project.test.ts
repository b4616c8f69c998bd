import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Project, type ProjectOptions } from './project.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nd-project-'))
  writeFileSync(join(folder, 'Pulumi.yaml'), 'name: trial\nruntime: nodejs\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An engine on paper: notes what it is asked and in which environment, and answers the commands whose name begins so. */
function engine(answers: Readonly<Record<string, { stdout?: string; stderr?: string; code?: number }>>): string {
  const path = join(folder, 'pulumi')
  const script = `#!${process.execPath}
const { appendFileSync } = require('node:fs')
const args = process.argv.slice(2)
const names = ['PULUMI_BACKEND_URL', 'PULUMI_HOME', 'PULUMI_CONFIG_PASSPHRASE', 'PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION']
appendFileSync(${JSON.stringify(join(folder, 'log'))}, JSON.stringify({ args, env: Object.fromEntries(names.map((name) => [name, process.env[name]])) }) + '\\n')
const answers = ${JSON.stringify(answers)}
const found = Object.entries(answers).find(([command]) => args.join(' ').startsWith(command))?.[1] ?? { stdout: args[0] === 'version' ? 'v3.201.0' : '{}' }
process.stdout.write(found.stdout ?? '')
process.stderr.write(found.stderr ?? '')
process.exitCode = found.code ?? 0
`
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

interface Asked {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}
const asked = (): Asked[] =>
  readFileSync(join(folder, 'log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Asked)

const project = (pulumi: string, options: Partial<ProjectOptions> = {}) =>
  new Project({ workDir: folder, name: 'trial', pulumi, standIns: join(folder, 'stand-ins'), ...options })

const cloud = {
  backend: 's3://state?region=us-east-1',
  plugins: ['pulumi-language-nodejs'],
  secrets: 'stack-file',
  create: false,
} as const

const missing = { stderr: "error: no stack named 'prod' found", code: 255 }

test('a stack of the cloud is looked for in its backend, under its own key, and the engine gets the providers itself', async () => {
  const found = await project(
    engine({ 'stack export': { stdout: '{"version":3,"deployment":{"resources":[]}}' } }),
    cloud,
  ).state('prod')
  assert.deepEqual(found, { resources: [] })
  assert.deepEqual(asked().at(-1)?.args.slice(0, 4), ['stack', 'export', '--stack', 'prod'])
  assert.deepEqual(asked().at(-1)?.env, { PULUMI_BACKEND_URL: cloud.backend })
})

test('a local stack has its own folder, an empty passphrase and no downloads', () => {
  const { PATH: _, ...env } = project(engine({}), { backend: '/state', home: '/home' }).environment('')
  assert.deepEqual(env, {
    PULUMI_HOME: '/home',
    PULUMI_BACKEND_URL: 'file:///state?metadata=skip',
    PULUMI_CONFIG_PASSPHRASE: '',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  })
})

test('a stack of the cloud that is missing is never made by the way', async () => {
  const pulumi = engine({ 'stack export': missing, 'stack select': missing })
  assert.equal(await project(pulumi, cloud).state('prod'), undefined)
  await assert.rejects(project(pulumi, cloud).preview('prod'), { code: 'STACK_MISSING' })
  assert.ok(asked().every(({ args }) => args[1] !== 'init'))
})

test('a backend that does not answer is told in its own words', async () => {
  const refused = { stderr: 'error: read ".pulumi/meta.yaml": AccessDenied: not yours', code: 255 }
  const pulumi = engine({ 'stack export': refused, 'stack select': refused })
  const message = `Pulumi failed on the stack 'prod':\nread ".pulumi/meta.yaml": AccessDenied: not yours`
  await assert.rejects(project(pulumi, cloud).state('prod'), { code: 'PULUMI_FAILED', message })
  await assert.rejects(project(pulumi, cloud).preview('prod'), { code: 'PULUMI_FAILED', message })
})

test('who holds the lock of a stack in a bucket is said, and what to do', async () => {
  const locked = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://state/.pulumi/locks/organization/trial/prod/a.json: created by ci@runner-7 (pid 42) at 2026-01-01T00:00:00Z`
  await assert.rejects(project(engine({ up: { stderr: locked, code: 255 } }), cloud).up('prod'), {
    code: 'STACK_LOCKED',
    message:
      "Another run (process 42 of ci@runner-7, since 2026-01-01T00:00:00Z) works on the stack 'prod'. Wait for it. If it was killed, and only then: pulumi cancel --stack prod",
  })
})

test('policy packs judge previews and updates, and nothing else', async () => {
  const judged = project(engine({}), { ...cloud, policyPacks: ['/rules'] })
  await judged.up('prod').catch(() => {})
  await judged.preview('prod').catch(() => {})
  await judged.refresh('prod').catch(() => {})
  const withPack = asked().filter(
    ({ args }) => args.join(' ').includes('--policy-pack /rules') || args.includes('--policy-pack=/rules'),
  )
  assert.deepEqual(
    withPack.map(({ args }) => args[0]),
    ['up', 'preview'],
  )
  assert.ok(asked().some(({ args }) => args[0] === 'refresh'))
})
