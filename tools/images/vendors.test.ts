import assert from 'node:assert/strict'
import { test } from 'node:test'
import { images } from '../../policies/images.ts'
import { vendorCopies } from './vendors.ts'

test('a vendor’s image is copied by its digest, and compared by its version', () => {
  const digest = `sha256:${'a'.repeat(64)}` as const
  assert.deepEqual(
    vendorCopies({ ours: { from: 'sources' }, theirs: { from: 'vendor', source: 'r/theirs', version: '1.2', digest } }),
    [{ name: 'theirs', tagged: 'r/theirs:1.2', exact: `r/theirs@${digest}`, digest, tag: '1.2' }],
  )
})

test('every image of the cloud is ours by the lock or a vendor’s by digest', () => {
  const vendors = vendorCopies(images).map(({ name }) => name)
  assert.deepEqual(vendors.sort(), ['clickhouse-keeper', 'clickhouse-server', 'elasticsearch'])
})
