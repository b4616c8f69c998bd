import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { preview } from './preview.ts'
import { repository } from './testing/fixture.ts'

const scratch = mkdtempSync(join(tmpdir(), 'preview-test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** A clone of what is here, with one commit, whose only stack in the cloud is as small as a test wants it. */
function clone(name: string): { readonly folder: string; readonly git: (...args: string[]) => string } {
  const folder = join(scratch, name)
  for (const part of ['policies', 'infra', 'stacks'])
    cpSync(join(repository, part), join(folder, part), { recursive: true })
  cpSync(join(repository, 'package.json'), join(folder, 'package.json'))
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n')
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(
    join(folder, 'stacks/index.ts'),
    `import aws from '@pulumi/aws'
import { policies as inForce } from '../policies/bundle.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import { scaling } from '../policies/scaling.ts'
export const programOf = (name, policies = inForce) => async () => {
  checkEnvironment(name.split('-')[0], policies)
  if (name === 'staging-links') throw new Error('on purpose')
  new aws.sqs.Queue('queue', { maxMessageSize: policies.scaling.ml_inference.actions.max_replicas, name })
  return { name, folder: import.meta.dirname }
}
`,
  )
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      encoding: 'utf8',
    })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '-A')
  git('commit', '--quiet', '-m', 'first')
  return { folder, git }
}

const edit = (folder: string, file: string, from: string, to: string): void => {
  const text = readFileSync(join(folder, file), 'utf8')
  assert.ok(text.includes(from))
  writeFileSync(join(folder, file), text.replace(from, to))
}

const leftOver = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`neurodefender-preview-${process.pid}-`))

test('two revisions of a clone are built by their own code; a refused one too, and a stack that fails stops no other', async () => {
  const { folder } = clone('edited')
  edit(folder, 'policies/scaling.ts', 'max_replicas: 10,', 'max_replicas: 40,')
  const report = await preview({ repository: folder, base: 'main' })
  const queues = report.changes.filter(({ type }) => type === 'aws:sqs/queue:Queue')
  assert.equal(queues.length, 15, 'every stack but the one that fails')
  assert.deepEqual(queues[0]?.properties, [{ path: 'maxMessageSize', before: 10, after: 40 }])
  assert.equal(report.policies[0]?.follows.length, report.changes.length)
  assert.deepEqual(
    report.violations
      .filter(({ rule }) => rule === 'builds')
      .map(({ where, message, isNew }) => [where, message, isNew]),
    [[['staging-links'], 'on purpose', false]],
  )
  assert.ok(report.violations.some(({ rule, isNew }) => rule === 'pools-within-limits' && isNew))
  assert.deepEqual(leftOver(), [])
})

test('a base that is older than the cloud makes everything new; the same revision twice changes nothing', async () => {
  const { folder, git } = clone('older')
  rmSync(join(folder, 'stacks/names.ts'))
  git('add', '-A')
  git('commit', '--quiet', '-m', 'second')
  const report = await preview({ repository: folder, base: 'HEAD', head: 'HEAD~1' })
  const cloud = report.changes.filter(({ stack }) => !stack.startsWith('local'))
  assert.ok(cloud.length >= 15 && cloud.every(({ kind }) => kind === 'added'))
  assert.ok(report.bill.every(({ before }) => before === undefined))
  assert.ok(report.remarks.some((text) => text.includes('no stacks in the cloud')))
  const same = await preview({ repository: folder, base: 'HEAD~1', head: 'main~1' })
  assert.deepEqual(same.changes, [])
  assert.deepEqual(same.policies, [])
})

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--no-warnings', main, ...args], { env: { ...process.env, ...env } })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text))
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, said })),
  )
  return { child, ended }
}

test('what is wrong with the call is said before anything is built', async () => {
  const file = join(scratch, 'file')
  writeFileSync(file, '')
  const out = join(scratch, 'out')
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--out', out], /--base is missing\.[\s\S]*usage: npm run preview/],
    [['--base', 'HEAD', '--out', join(file, 'x')], /\[OUT\]: --out .* cannot be written to: .*Name another folder\./],
    [['--base', 'no-such-branch', '--out', out], /\[UNKNOWN_REF\]: There is no revision 'no-such-branch'.*git fetch/],
    [['--base', '--help-me', '--out', out], /--base/],
  ]
  for (const [args, message] of cases) {
    const { code, said } = await cli(args).ended
    assert.match(said, message)
    assert.equal(code, 2)
  }
  const { code, said } = await cli(['--help']).ended
  assert.deepEqual([code, said.startsWith('usage:')], [0, true])
})

test('an interrupted preview leaves nothing behind', async () => {
  const temporary = join(scratch, 'tmp')
  mkdirSync(temporary)
  const { child, ended } = cli(['--base', 'HEAD', '--out', join(scratch, 'stopped')], { TMPDIR: temporary })
  while (!readdirSync(temporary).some((name) => name.includes('graphs')) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGINT')
  assert.equal((await ended).code, 130)
  assert.deepEqual(
    readdirSync(temporary).filter((name) => name.startsWith('neurodefender')),
    [],
  )
  assert.ok(!existsSync(join(scratch, 'stopped/preview.md')))
})
