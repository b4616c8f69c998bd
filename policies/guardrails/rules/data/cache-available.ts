import { each, type Guardrail, shouldBe } from '../../model/guardrail.ts'

export const cacheAvailable: Guardrail = {
  name: 'cache-available',
  title: 'A cache outlives a zone',
  severity: 'medium',
  frameworks: ['AWS FSBP ElastiCache.3'],
  remediation: 'Set automaticFailoverEnabled and multiAzEnabled to true, with a copy in another zone.',
  scope: 'resource',
  judges: 'program',
  find: each(['aws:elasticache/replicationGroup:ReplicationGroup'], (group) => [
    ...shouldBe(group, ['automaticFailoverEnabled'], true),
    ...shouldBe(group, ['multiAzEnabled'], true),
  ]),
}
