import { milliseconds } from '../model/units.ts'
import { type Check, isCount, unless } from './check.ts'

export const crossTenant: Check = {
  rule: 'cross-tenant',
  purpose: 'what is said of all tenants must not say what one of them has',
  find: ({ objectives: { query }, topics, objectives }) => {
    const { minTenants, largestShare, grain, questionsPerDay } = query.crossTenant
    const at = 'objectives.query.crossTenant'
    const kept = topics['audit.queries']?.retention
    const { lock } = objectives.dataClasses.audit ?? {}
    return [
      ...unless(
        isCount(minTenants) && minTenants >= 3,
        `${at}.minTenants`,
        minTenants,
        'must be a whole number from 3.',
      ),
      ...unless(
        largestShare <= 0.5,
        `${at}.largestShare`,
        largestShare,
        'must be at most 0.5: a group that is mostly one tenant is that tenant.',
      ),
      ...unless(milliseconds(grain) >= milliseconds('1h'), `${at}.grain`, grain, 'must be at least 1h.'),
      ...unless(isCount(questionsPerDay), `${at}.questionsPerDay`, questionsPerDay, 'must be a whole number from 1.'),
      ...unless(
        kept === undefined || lock === undefined || milliseconds(kept) >= milliseconds(lock),
        'topics.audit.queries.retention',
        kept,
        `must be at least as long as audit data is locked (${lock}).`,
      ),
    ]
  },
}
