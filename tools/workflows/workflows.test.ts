import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Yaml } from 'cdk8s'
import { policies } from '../../policies/bundle.ts'
import { outline } from '../deploy/outline.ts'
import { environmentsOf, plan } from '../deploy/plan.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly uses?: string
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly environment?: string
  readonly concurrency?: { readonly 'cancel-in-progress': unknown }
  readonly with?: Readonly<Record<string, string>>
  readonly steps?: readonly Step[]
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: object
  readonly jobs: Readonly<Record<string, Job>>
}

const github = fileURLToPath(new URL('../../.github', import.meta.url))
const files = readdirSync(join(github, 'workflows'))
const read = <T>(path: string): T => Yaml.load(join(github, path))[0] as T
/** To this reader, which knows YAML 1.1, the key 'on' is the value true. */
const readWorkflow = (file: string): Workflow => {
  const { true: on, ...rest } = read<Workflow & { readonly true: Workflow['on'] }>(`workflows/${file}`)
  return { ...rest, on }
}
const workflows = new Map(files.map((file) => [file, readWorkflow(file)]))
const actions = ['setup', 'deploy'].map(
  (name) => read<{ runs: { steps: Step[] } }>(`actions/${name}/action.yml`).runs.steps,
)
const jobs = [...workflows].flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ file, name, job })),
)
const steps = [...jobs.flatMap(({ job }) => job.steps ?? []), ...actions.flat()]
const workflow = (file: string) => workflows.get(file) as Workflow
const expression = (text: string) => `$\{{ ${text} }}`
const before = ({ needs = [] }: Job) => [needs].flat()

test('every job says how long it may take and what it may do, and nothing is allowed by default', () => {
  for (const [file, { permissions }] of workflows) assert.deepEqual(permissions, {}, file)
  for (const { file, name, job } of jobs) {
    assert.ok(job.permissions, `${file} ${name}`)
    assert.ok(job.uses || job['timeout-minutes'], `${file} ${name}`)
  }
})

test('no script holds an expression: what GitHub hands in reaches a shell as a variable', () => {
  for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/)
})

test('actions of others are pinned to a revision, with the version beside it for people', () => {
  for (const { uses } of steps) if (uses && !uses.startsWith('./')) assert.match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
})

test("a pull request's code gets no secret, no credentials and a token that can only read", () => {
  const { on, jobs } = workflow('preview.yml')
  assert.deepEqual(Object.keys(on), ['pull_request'])
  for (const { permissions, steps = [] } of Object.values(jobs)) {
    assert.deepEqual(permissions, { contents: 'read' })
    assert.doesNotMatch(JSON.stringify(steps), /secrets\.|vars\.|github\.token/)
    for (const { uses, with: input } of steps)
      if (uses?.startsWith('actions/checkout@')) assert.equal(input?.['persist-credentials'], false)
  }
  for (const { on, jobs } of workflows.values())
    if ('pull_request' in on || 'pull_request_target' in on)
      for (const { permissions } of Object.values(jobs)) assert.deepEqual(permissions, { contents: 'read' })
})

test('the comment is posted by code of the default branch, and that job has no credentials of AWS', () => {
  const { on, jobs } = workflow('preview-comment.yml')
  assert.deepEqual(Object.keys(on), ['workflow_run'])
  const job = jobs.comment as Job
  assert.equal(job.permissions?.['id-token'], undefined)
  assert.equal(job.steps?.[0]?.with?.ref, expression('github.event.repository.default_branch'))
})

test('only jobs that run on the main branch may ask for credentials of AWS', () => {
  const main = "github.ref == 'refs/heads/main'"
  for (const file of files) {
    const text = JSON.stringify(workflow(file))
    if (text.includes('"id-token":"write"') && file !== 'deploy-environment.yml') assert.ok(text.includes(main), file)
  }
  assert.deepEqual(Object.keys(workflow('deploy-environment.yml').on), ['workflow_call'])
})

test('every environment of the cloud goes out, staging before prod', () => {
  const { jobs } = workflow('deploy.yml')
  const deployed = Object.entries(jobs).filter(([, { uses }]) => uses === './.github/workflows/deploy-environment.yml')
  assert.deepEqual(
    deployed.map(([, job]) => job.with?.environment),
    environmentsOf(policies),
  )
  assert.deepEqual(
    deployed.map(([, job]) => before(job)),
    [['images'], ['staging']],
  )
  for (const [, { with: input }] of deployed) {
    const { accountVariable } = outline(policies, plan(policies, input?.environment ?? '', { kind: 'all' }, new Set()))
    assert.equal(input?.account, expression(`vars.${accountVariable}`))
  }
})

test('the waves of a deployment are those of the plan, each after all before it, none cut off', () => {
  const { jobs } = workflow('deploy-environment.yml')
  const order = Object.keys(jobs)
  const { waves } = outline(policies, plan(policies, 'prod', { kind: 'all' }, new Set()))
  const [first, ...rest] = Object.keys(waves)
  assert.deepEqual(order, ['plan', first, 'images', ...rest])
  for (const [i, name] of order.entries()) {
    const job = jobs[name] as Job
    assert.deepEqual(before(job), order.slice(0, i), name)
    if (name === 'plan' || name === 'images') continue
    assert.equal(job.environment, expression('matrix.job.environment'))
    assert.equal(job.concurrency?.['cancel-in-progress'], false)
  }
})

test('an environment publishes its images itself: one whose roles are missing holds no other up', () => {
  const publish = './.github/workflows/publish.yml'
  const callers = jobs.filter(({ job }) => job.uses === publish)
  assert.deepEqual(
    callers.map(({ file, name }) => `${file} ${name}`),
    ['deploy-environment.yml images', 'images.yml publish'],
  )
  assert.equal(callers[0]?.job.with?.environment, expression('inputs.environment'))
  assert.deepEqual(Object.keys(workflow('publish.yml').on), ['workflow_call'])
  // In a deployment the build hands in no environment, so nothing is published before an environment's turn.
  assert.match(String(callers[1]?.job.if), /^inputs\.environment != '' && /)
  assert.equal(workflow('deploy.yml').jobs.images?.with, undefined)
})

test('no workflow names a region: tools/deploy does', () => {
  const text = JSON.stringify([...workflows, ...actions])
  for (const region of Object.keys(policies.regions).filter((name) => name !== 'local'))
    assert.ok(!text.includes(region), region)
})
