import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, only } from '../test/graph.ts'
import { assertKept } from '../test/regions.ts'
import { Authority } from './authority.ts'

const scope = awsScope('prod', 'us-east-1', policies)
const program = async () => {
  const { arn, region } = new Authority('authority', { scope })
  return { arn, region }
}
const graph = await recordGraph('prod', program)

test('the root signs short-lived certificates alone, with its own certificate in place', () => {
  const authority = only(graph, 'acmpca/certificateAuthority:CertificateAuthority')
  assert.deepEqual([authority.type, authority.usageMode], ['ROOT', 'SHORT_LIVED_CERTIFICATE'])
  assert.match(only(graph, 'acmpca/certificate:Certificate').templateArn, /RootCACertificate/)
  assert.equal(
    only(graph, 'acmpca/certificateAuthorityCertificate:CertificateAuthorityCertificate').region,
    'us-east-1',
  )
  assert.match(String(graph.outputs.arn), /nd-prod-us-east-1-authority$/)
  assert.equal(graph.outputs.region, 'us-east-1')
})

test('it is protected and outlives its stack, for all trust would end with it', async () => {
  assertKept(graph, [
    'acmpca/certificateAuthority:CertificateAuthority',
    'acmpca/certificateAuthorityCertificate:CertificateAuthorityCertificate',
  ])
  assert.equal(assertTagged(graph, scope), 1)
  assert.equal((await recordGraph('prod', program, { unknowns: true })).outputs.arn, unknown)
})
