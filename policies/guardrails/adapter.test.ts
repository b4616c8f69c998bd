import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyResource } from '@pulumi/policy'
import proxy from '@pulumi/policy/proxy.js'
import { guardedResource } from './adapter.ts'
import { unknown } from './model/resource.ts'

const { unknownCheckingProxy, unknownStringValue, unknownObjectValue } = proxy as unknown as {
  readonly unknownCheckingProxy: (props: object) => Record<string, unknown>
  readonly unknownStringValue: string
  readonly unknownObjectValue: string
}

const resource = (props: object, dependencies: readonly { readonly urn: string }[] = []) =>
  guardedResource({
    urn: 'urn:a',
    type: 'aws:s3/bucket:Bucket',
    name: 'cold',
    props: unknownCheckingProxy(props),
    opts: { protect: true, ignoreChanges: ['tags'] },
    dependencies,
  } as unknown as PolicyResource)

test('what is not known yet is read as such, at any depth, and nothing throws', () => {
  const { props } = resource({ bucket: unknownStringValue, rules: [{ destination: unknownObjectValue, id: 'a' }] })
  assert.deepEqual(props, { bucket: unknown, rules: [{ destination: unknown, id: 'a' }] })
})

test('options are taken over, and what the engine does not tell is absent', () => {
  const guarded = resource({}, [{ urn: 'urn:b' }])
  assert.equal(guarded.protect, true)
  assert.deepEqual(guarded.ignoreChanges, ['tags'])
  assert.deepEqual(guarded.dependencies, ['urn:b'])
  assert.ok(!('retainOnDelete' in guarded))
})
