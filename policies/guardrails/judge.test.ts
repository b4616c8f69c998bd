import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../bundle.ts'
import { changed } from '../checks/testing/change.ts'
import { exemptions } from './exemptions.ts'
import { judge, troubles, verdicts } from './judge.ts'
import { judgeManifests } from './manifests.ts'
import { type Exemption, exemptionProblems } from './model/exemption.ts'
import { placeOf } from './place.ts'
import { guardrails } from './rules/index.ts'
import { cloud, object } from './testing/fixture.ts'

const repository = cloud('ecr/repository:Repository', 'analytics', { imageTagMutability: 'MUTABLE' })
const rule = guardrails.find(({ name }) => name === 'ecr-immutable')!
const exemption: Exemption = {
  rule: 'ecr-immutable',
  resource: 'aws:ecr/repository:Repository::anal*',
  environments: ['prod'],
  reason: 'A tool of the vendor moves its tag until its next release.',
  until: '2027-03-31',
}
const on = (today: string, environment = 'prod', list: readonly Exemption[] = [exemption]) =>
  verdicts([repository], { environment }, [rule], { exemptions: list, today }).map(({ rule: { name }, binds }) => [
    name,
    binds,
  ])

test('a stack belongs to the environment and the region that its name tells', () => {
  assert.deepEqual(placeOf('prod-us-east-2-services', policies), {
    environment: 'prod',
    region: 'us-east-2',
    stack: 'prod-us-east-2-services',
  })
  assert.deepEqual(placeOf('local', policies), {
    environment: 'local',
    stack: 'local',
  })
  assert.equal(placeOf('staging-links', policies).environment, 'staging')
  assert.equal(placeOf('production', policies).environment, 'prod', 'an unknown name is judged most strictly')
})

test('an exemption holds in its environments until its last day, and is then itself a violation', () => {
  assert.deepEqual(on('2027-03-31'), [['ecr-immutable', false]])
  assert.deepEqual(on('2027-03-31', 'staging'), [['ecr-immutable', true]])
  assert.deepEqual(on('2027-04-01'), [
    ['ecr-immutable', true],
    ['exemptions', true],
  ])
  assert.deepEqual(on('2027-03-31', 'prod', [{ ...exemption, resource: 'aws:ecr/repository:Repository::collector' }]), [
    ['ecr-immutable', true],
  ])
})

test('what is wrong with an exemption is said in sentences', () => {
  const bad: Exemption = {
    rule: 'no-rule',
    resource: 'a::b',
    environments: ['moon'],
    reason: 'because',
    until: '2027-3-1' as never,
  }
  assert.deepEqual(
    exemptionProblems([bad], ['ecr-immutable'], ['prod'], '2027-01-01').map(({ message }) => message),
    [
      "The exemption of 'a::b' from 'no-rule' should name a rule that there is.",
      "The exemption of 'a::b' from 'no-rule' should name environments that there are, not moon.",
      "The exemption of 'a::b' from 'no-rule' should say its reason in a sentence.",
      "The exemption of 'a::b' from 'no-rule' should end on a day such as '2027-03-31'.",
    ],
  )
})

test('the exemptions in force are sound but for their end, which the pack watches', () => {
  for (const environment of Object.keys(policies.environments))
    assert.deepEqual(troubles({ policies, environment }, { today: '2000-01-01', exemptions }), [])
})

test('an environment says from which severity on a rule stops', () => {
  const lenient = changed({ 'environments.prod.guardrails.stops': 'critical' })
  const [verdict] = verdicts([repository], { environment: 'prod' }, [rule], { policies: lenient })
  assert.equal(verdict?.binds, false)
})

test('where only manifests are judged, what a program says is not asked', () => {
  const graph = (stack: string) => ({ stack, resources: [{ ...repository, inputs: repository.props }] })
  assert.ok(judge(graph('prod')).some(({ rule: { name } }) => name === 'ecr-immutable'))
  assert.deepEqual(judge(graph('local')), [])
})

test('manifests are judged as the resources that a stack would make of them', () => {
  const { props } = object('apps/v1', 'Deployment', 'siem/web', {
    spec: { template: { spec: { containers: [{ image: 'web:1' }] } } },
  })
  const found = judgeManifests([props as never], { environment: 'local' })
  const image = found.find(({ rule: { name } }) => name === 'image-digest')
  assert.deepEqual(image?.resource, { type: 'kubernetes:apps/v1:Deployment', name: 'deployment-siem-web' })
  assert.equal(image?.binds, true)
})
