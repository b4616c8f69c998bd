import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { type Policies, policies } from '../../policies/bundle.ts'
import { changed } from '../../policies/checks/testing/change.ts'
import { leaves } from '../../policies/checks/units.ts'
import { otherValues } from '../lint/dead-policy/other-values.ts'
import { buildCloud } from './build/build.ts'
import { type BuiltStack, graphOf } from './build/built.ts'
import { editsBetween, without } from './build/edits.ts'
import { loadModules } from './build/modules.ts'
import { letPoliciesContradict } from './build/unjudged.ts'
import { compareAll } from './report/report.ts'
import { repository } from './testing/fixture.ts'

// The product's own stacks of one region: what they read, and what they read each other by.
const stacks = new Set(['prod', 'prod-us-east-1', 'prod-us-east-1-services'])
letPoliciesContradict(repository)
const modules = await loadModules(repository)
const build = (of: Policies) => buildCloud(modules, of, () => {}, stacks)
const base = await build(policies)

const entries = (all: readonly BuiltStack[]) =>
  new Map(
    all.flatMap((stack) =>
      (graphOf(stack)?.resources ?? []).map((entry) => [`${stack.stack} ${entry.urn}`, entry] as const),
    ),
  )

test('the product builds without credentials, and the same again', async () => {
  assert.deepEqual(
    base.flatMap((stack) => ('error' in stack ? [[stack.stack, stack.error.message]] : [])),
    [],
  )
  assert.deepEqual(compareAll(base, await build(policies)), [])
})

// Of the environment whose stacks are built, or of all.
const edits = [...leaves(policies)]
  .filter(([path]) => !/^(environments|cloud)\.(local|staging)\./.test(path))
  .flatMap(([path, value]) => {
    const [other] = otherValues(path, value, policies)
    return other === undefined ? [] : [{ path, other }]
  })

test('whatever policy is edited, exactly the entries that are other ones are named, and putting it back puts them back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...edits), async ({ path, other }) => {
      const after = changed({ [path]: other })
      const head = await build(after)
      const failed = new Set(head.flatMap(({ stack, ...rest }) => ('error' in rest ? stack : [])))
      const [was, is] = [entries(base), entries(head)]
      const differ = [...new Set([...was.keys(), ...is.keys()])].filter(
        (key) => !failed.has(key.split(' ')[0] as string) && !isDeepStrictEqual(was.get(key), is.get(key)),
      )
      assert.deepEqual(
        compareAll(base, head)
          .map(({ stack, urn }) => `${stack} ${urn}`)
          .sort(),
        differ.sort(),
      )
      assert.deepEqual(without(after, editsBetween(policies, after)), JSON.parse(JSON.stringify(policies)))
    }),
    { numRuns: 5 },
  )
})
