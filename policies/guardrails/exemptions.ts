import type { Exemption } from './model/exemption.ts'

/** What may break a rule for a while. An entry past its end is itself a violation. */
export const exemptions: readonly Exemption[] = [
  {
    rule: 'iam-no-wildcards',
    resource: 'aws:iam/rolePolicy:RolePolicy::nd-*-ci-deploy-us-*',
    environments: ['staging', 'prod'],
    reason:
      'A workflow makes every kind of resource of these services; it is held to one region and may end no data. Until the calls of real deployments are recorded, nobody knows the shorter list.',
    until: '2027-06-30',
  },
  {
    rule: 'iam-no-wildcards',
    resource: 'aws:iam/policy:Policy::nd-*-ci-boundary',
    environments: ['staging', 'prod'],
    reason:
      'A permissions boundary gives nothing to anybody: it bounds what the policies of a role give, and each of those is judged by itself.',
    until: '2027-06-30',
  },
]
