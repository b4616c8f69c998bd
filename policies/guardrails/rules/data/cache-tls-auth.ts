import { each, type Guardrail, should, shouldBe, violation } from '../../model/guardrail.ts'
import { at, isGiven } from '../../model/resource.ts'

export const cacheTlsAuth: Guardrail = {
  name: 'cache-tls-auth',
  title: 'A cache is encrypted, and asks who is there',
  severity: 'critical',
  frameworks: ['AWS FSBP ElastiCache.4', 'AWS FSBP ElastiCache.5', 'AWS FSBP ElastiCache.6'],
  remediation:
    'Set transitEncryptionEnabled and atRestEncryptionEnabled to true, and give it an authToken or user groups.',
  scope: 'resource',
  judges: 'program',
  find: each(['aws:elasticache/replicationGroup:ReplicationGroup'], (group) => {
    const asks = isGiven(at(group.props, 'authToken')) || isGiven(at(group.props, 'userGroupIds'))
    return [
      ...shouldBe(group, ['transitEncryptionEnabled'], true),
      ...shouldBe(group, ['atRestEncryptionEnabled'], true),
      ...should(group, ['transitEncryptionMode'], (mode) => mode === 'required' || !isGiven(mode), "'required'"),
      ...(asks ? [] : [violation(group, ['authToken'], 'The cache should have an authToken or userGroupIds.')]),
    ]
  }),
}
