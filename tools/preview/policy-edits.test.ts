import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { policies } from '../../policies/bundle.ts'
import { changed } from '../../policies/checks/testing/change.ts'
import { leaves } from '../../policies/checks/units.ts'
import { otherValues } from '../lint/dead-policy/other-values.ts'
import type { BuiltStack } from './build/built.ts'
import { html } from './report/html/html.ts'
import { built, reportOf } from './testing/fixture.ts'

/** Every entry by stack and URN, without a word of the tool's own comparison. */
function entries(stacks: readonly BuiltStack[]): Map<string, unknown> {
  const all = new Map<string, unknown>()
  for (const stack of stacks)
    if ('graph' in stack) for (const entry of stack.graph.resources) all.set(`${stack.stack} ${entry.urn}`, entry)
  return all
}

const base = await built(policies)

const sorted = (set: Iterable<string>): string[] => [...set].sort()

const edit = fc.constantFrom(...leaves(policies)).chain(([path, value]) => {
  const others = otherValues(path, value, policies)
  return fc.constantFrom(...(others.length > 0 ? others : [value])).map((other) => ({ path, other }))
})

test('whatever is edited, the report names exactly the entries that are other ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(edit, { minLength: 1, maxLength: 3, selector: ({ path }) => path }),
      async (edits) => {
        const after = changed(Object.fromEntries(edits.map(({ path, other }) => [path, other])))
        const head = await built(after)
        const [was, is] = [entries(base.stacks), entries(head.stacks)]
        const differ = new Set(
          [...was.keys(), ...is.keys()].filter((key) => !isDeepStrictEqual(was.get(key), is.get(key))),
        )
        const report = await reportOf(base, head)
        const broken = new Set(report.stacks.flatMap(({ stack, error }) => (error ? stack : [])))
        const compared = (key: string): boolean => !broken.has(key.split(' ')[0] as string)
        const named = report.changes.map(({ stack, urn }) => `${stack} ${urn}`)
        assert.deepEqual(sorted(named), sorted([...differ].filter(compared)))
        const page = html(report)
        for (const { name } of report.changes) assert.ok(page.includes(`<code>${name}</code>`), name)
      },
    ),
    { numRuns: 12 },
  )
})

test('what follows from an edit is told apart from what follows from another', async () => {
  const edited = changed({ 'scaling.analytics.actions.max_replicas': 9, 'cloud.prod.kafka.brokers': 9 })
  const report = await reportOf(base, await built(edited))
  const follows = Object.fromEntries(
    report.policies.map(({ path, follows }) => [
      path,
      follows.map(({ stack, urn }) => `${stack} ${urn.split('::').at(-1)}`),
    ]),
  )
  const regions = ['us-west-2', 'us-east-2', 'us-east-1']
  assert.deepEqual(
    follows['cloud.prod.kafka.brokers'],
    regions.map((region) => `prod-${region} kafka`),
  )
  assert.deepEqual(
    follows['scaling.analytics.actions.max_replicas']?.filter((name) => !name.startsWith('local')),
    ['staging', 'prod'].flatMap((environment) =>
      regions.map((region) => `${environment}-${region}-services analytics`),
    ),
  )
  assert.equal(report.changes.length, 3 + follows['scaling.analytics.actions.max_replicas']!.length)
})

test('many edits are looked at in groups', async () => {
  const many = changed(
    Object.fromEntries(
      [...leaves(policies)].flatMap(([path, value]) => (typeof value === 'number' ? [[path, value + 1]] : [])),
    ),
  )
  const report = await reportOf(base, await built(many))
  assert.ok(report.policies.length <= 16)
  assert.equal(
    new Set(report.policies.flatMap(({ edits }) => edits.map(({ keys }) => keys.join('.')))).size,
    // A list of numbers is one value.
    new Set(
      [...leaves(policies)].flatMap(([path, value]) => (typeof value === 'number' ? [path.replace(/\.\d+$/, '')] : [])),
    ).size,
  )
})
