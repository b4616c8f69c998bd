import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { type Plan, plan, stacksOf } from './plan.ts'

const nothing = new Set<string>()
const names = ({ stages }: Plan) => stages.map(({ name }) => name)
const everything = new Set(stacksOf(policies, 'prod').map(({ name }) => name))

test('a whole environment comes up from what serves nobody to what serves most, and the workloads last', () => {
  assert.deepEqual(names(plan(policies, 'prod', { kind: 'all' }, nothing)), [
    'prod',
    'prod-us-west-2',
    'prod-us-east-2',
    'prod-us-east-1',
    'prod-links',
    'prod-us-west-2-services',
    'prod-us-east-2-services',
    'prod-us-east-1-services',
  ])
})

test('every stack comes after all that it reads, in every environment', () => {
  for (const environment of Object.keys(policies.cloud)) {
    const { stages } = plan(policies, environment, { kind: 'all' }, nothing)
    for (const [i, { needs }] of stages.entries())
      for (const need of needs) assert.ok(stages.findIndex(({ name }) => name === need) < i, need)
  }
})

test('another order of roles is another order of stages', () => {
  const { regions } = policies
  const swapped = {
    ...policies,
    regions: {
      ...regions,
      'us-east-1': { ...regions['us-east-1'], role: 'dr' },
      'us-west-2': { ...regions['us-west-2'], role: 'primary' },
    },
  } as typeof policies
  const order = names(plan(swapped, 'prod', { kind: 'all' }, nothing)).filter((name) => /-\d$/.test(name))
  assert.deepEqual(order, ['prod-us-east-1', 'prod-us-east-2', 'prod-us-west-2'])
})

test('one region brings the global stack along, and the links only when every region stands', () => {
  const one = { kind: 'region', region: 'us-east-2' } as const
  const first = plan(policies, 'prod', one, nothing)
  assert.deepEqual(names(first), ['prod', 'prod-us-east-2', 'prod-us-east-2-services'])
  assert.deepEqual(first.skipped, [{ stack: 'prod-links', why: 'prod-us-west-2, prod-us-east-1 have not come up yet' }])
  const last = plan(policies, 'prod', one, new Set(['prod-us-west-2', 'prod-us-east-1']))
  assert.deepEqual(names(last), ['prod', 'prod-us-east-2', 'prod-links', 'prod-us-east-2-services'])
  assert.deepEqual(last.skipped, [])
})

test('named stacks come alone, in their order, and only on what stands', () => {
  const stacks = ['prod-us-east-2-services', 'prod-us-east-2']
  assert.deepEqual(names(plan(policies, 'prod', { kind: 'stacks', stacks }, everything)), [...stacks].reverse())
  assert.throws(() => plan(policies, 'prod', { kind: 'stacks', stacks }, nothing), {
    code: 'NEEDS_OTHERS',
    message: "The stack 'prod-us-east-2' reads prod, which has not come up. Bring that up first, or use --all.",
  })
  assert.throws(() => plan(policies, 'prod', { kind: 'stacks', stacks: ['prod-links'] }, new Set(['prod'])), {
    code: 'NEEDS_OTHERS',
    message: /reads prod-us-west-2, prod-us-east-2, prod-us-east-1, which have not come up/,
  })
})

test('an unknown name is refused with the names there are', () => {
  assert.throws(() => plan(policies, 'local', { kind: 'all' }, nothing), {
    code: 'UNKNOWN_ENVIRONMENT',
    message: /there are: staging, prod\. A local region comes up by 'make up'/,
  })
  assert.throws(() => plan(policies, 'prod', { kind: 'region', region: 'eu-west-1' }, nothing), {
    code: 'UNKNOWN_REGION',
    message: /it has: us-west-2, us-east-2, us-east-1\.$/,
  })
  assert.throws(() => plan(policies, 'prod', { kind: 'stacks', stacks: ['staging'] }, nothing), {
    code: 'UNKNOWN_STACK',
  })
})
