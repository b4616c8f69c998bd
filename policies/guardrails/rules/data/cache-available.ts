import { each, type Guardrail, should, shouldBe } from '../../model/guardrail.ts'

export const cacheAvailable: Guardrail = {
  name: 'cache-available',
  title: 'A cache outlives a zone and is backed up',
  severity: 'medium',
  frameworks: ['AWS FSBP ElastiCache.1', 'AWS FSBP ElastiCache.3'],
  remediation:
    'Set automaticFailoverEnabled and multiAzEnabled to true, and snapshotRetentionLimit to the days that a backup is kept.',
  scope: 'resource',
  judges: 'program',
  find: each(['aws:elasticache/replicationGroup:ReplicationGroup'], (group) => [
    ...shouldBe(group, ['automaticFailoverEnabled'], true),
    ...shouldBe(group, ['multiAzEnabled'], true),
    ...should(group, ['snapshotRetentionLimit'], (days) => Number(days) >= 1, 'at least 1 (days)'),
  ]),
}
