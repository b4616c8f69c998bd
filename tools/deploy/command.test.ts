import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { deployCommand, type Surroundings } from './command.ts'
import { environmentsOf } from './plan.ts'

/** A machine that is ready and has nobody to ask; Pulumi must not be reached. */
const surround = (change: Partial<Surroundings> = {}): Surroundings => ({
  policies,
  signal: new AbortController().signal,
  interactive: false,
  preflight: () => {},
  project: () => Promise.reject(new Error('Pulumi was reached')),
  secretsProvider: () => undefined,
  ...change,
})

const printed = (t: TestContext) => {
  const log = t.mock.method(console, 'log', () => {})
  return () => log.mock.calls.map(({ arguments: [text] }) => String(text)).join('\n')
}

test('what is missing on the command line is said', async () => {
  const cases = {
    '--all': /--env is missing/,
    '--env prod': /by one of --region REGION, --all and --stack NAME/,
    '--env prod --all --region us-east-1': /by one of/,
    '--env prod --init': /--init wants a key of the cloud/,
    '--env prod --init --secrets-provider passphrase': /--init wants a key of the cloud/,
  }
  for (const [line, message] of Object.entries(cases))
    await assert.rejects(deployCommand(line.split(' '), surround()), { code: 'USAGE', message }, line)
})

test('without an answer and without --yes nothing is reached, after the machine was looked at', async () => {
  let looked: readonly string[] = []
  const preflight: Surroundings['preflight'] = (_, stacks) => (looked = stacks)
  await assert.rejects(deployCommand(['--env', 'prod', '--region', 'us-east-2'], surround({ preflight })), {
    code: 'NOT_CONFIRMED',
    message: /whether to change 'prod'/,
  })
  assert.deepEqual(looked, ['prod', 'prod-us-east-2', 'prod-links', 'prod-us-east-2-services'])
})

test('a machine that is not ready is told before anything else, with --yes too', async () => {
  const preflight = () => {
    throw new Error('no credentials')
  }
  for (const more of [['--yes'], ['--preview'], []])
    await assert.rejects(deployCommand(['--env', 'prod', '--all', ...more], surround({ preflight })), {
      message: 'no credentials',
    })
})

test('a plan needs nothing of the machine', async (t) => {
  const said = printed(t)
  const preflight = () => assert.fail('the machine was looked at')
  assert.equal(await deployCommand(['--env', 'prod', '--all', '--plan'], surround({ preflight })), 0)
  assert.match(said(), /1\. prod \(global\)\n {2}2\. prod-us-west-2 \(region\)/)
})

test("the pipeline's plan is of every environment, or of one", async (t) => {
  const said = printed(t)
  assert.equal(await deployCommand(['--plan', '--json'], surround()), 0)
  const all = JSON.parse(said()) as { environment: string }[]
  assert.deepEqual(
    all.map(({ environment }) => environment),
    environmentsOf(policies),
  )
})

test('the stacks of an environment are made under the key that its file names', async () => {
  const secretsProvider = (environment: string) => `awskms://alias/nd-${environment}-pulumi`
  await assert.rejects(deployCommand(['--env', 'prod', '--init'], surround({ secretsProvider })), {
    message: 'Pulumi was reached',
  })
})
