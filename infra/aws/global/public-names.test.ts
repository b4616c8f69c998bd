import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { ofType, only } from '../test/graph.ts'
import { assertKept, assertTaggedByRegion } from '../test/regions.ts'
import { entryHost, publicEntries } from './entries.ts'
import { PublicNames } from './public-names.ts'

const regions = ['us-east-1', 'us-east-2', 'us-west-2']
const scopesOf = (of: Policies) => {
  const [first, ...others] = regions.map((region) => awsScope('prod', region, of))
  return [first!, ...others] as const
}
const program =
  (of: Policies = policies) =>
  async () => {
    const names = new PublicNames('names', { scopes: scopesOf(of) })
    return { zoneId: names.zoneId, ...names.certificateArns }
  }
const graph = await recordGraph('prod', program())

test('entries of the graph that the mesh handles have public names', () => {
  assert.deepEqual(publicEntries(policies), ['event-collector', 'analytics'])
  assert.equal(entryHost('example.org', 'analytics', 'us-east-1'), 'analytics.us-east-1.example.org')
  assert.equal(entryHost('example.org', 'analytics'), 'analytics.example.org')
})

test('each region has a certificate for the names of the environment and its own', () => {
  assert.deepEqual(
    ofType(graph, 'acm/certificate:Certificate').map(({ inputs }) => [
      inputs.region,
      inputs.domainName,
      ...inputs.subjectAlternativeNames,
    ]),
    regions.map((region) => [region, '*.neurodefender.example', `*.${region}.neurodefender.example`]),
  )
})

test('every name is proved once, and a certificate waits for both proofs', () => {
  const proofs = ofType(graph, 'route53/record:Record').filter(({ inputs }) => inputs.type === 'CNAME')
  assert.deepEqual(
    proofs.map(({ inputs }) => inputs.name).sort(),
    ['_check.neurodefender.example', ...regions.map((region) => `_check.${region}.neurodefender.example`)].sort(),
  )
  for (const { inputs } of ofType(graph, 'acm/certificateValidation:CertificateValidation'))
    assert.deepEqual(inputs.validationRecordFqdns, [
      '_check.neurodefender.example',
      `_check.${inputs.region}.neurodefender.example`,
    ])
})

test("nobody but Amazon's authority may sign for the names", () => {
  const { records } = ofType(graph, 'route53/record:Record').find(({ inputs }) => inputs.type === 'CAA')?.inputs ?? {}
  assert.deepEqual(records, ['0 issue "amazon.com"', '0 issuewild "amazon.com"'])
})

test('the zone is protected and all carries our tags; ids stay unknown until AWS answers', async () => {
  assertKept(graph, ['route53/zone:Zone'])
  assert.equal(only(graph, 'route53/zone:Zone').name, 'neurodefender.example')
  assertTaggedByRegion(graph, scopesOf(policies))
  const early = await recordGraph('prod', program(), { unknowns: true })
  assert.deepEqual(new Set(Object.values(early.outputs)), new Set([unknown]))
})

test('a domain that DNS does not know is refused', async () => {
  const bad = { ...policies, cloud: { ...policies.cloud, prod: { ...policies.cloud.prod!, domain: 'Neuro_Defender' } } }
  await assert.rejects(
    recordGraph('prod', program(bad)),
    /cloud\.prod\.domain \(Neuro_Defender\) must be a name of DNS in lower case\./,
  )
})
