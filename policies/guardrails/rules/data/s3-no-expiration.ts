import { each, type Guardrail, violation } from '../../model/guardrail.ts'
import { at, isGiven, items } from '../../model/resource.ts'

const deleting = ['expiration', 'noncurrentVersionExpiration']

export const s3NoExpiration: Guardrail = {
  name: 's3-no-expiration',
  title: "No bucket deletes by age: only the tier mover's ledger does",
  severity: 'critical',
  frameworks: [],
  remediation:
    'Take the expiration out of the lifecycle rule; it may change the storage class and end unfinished uploads.',
  scope: 'resource',
  judges: 'program',
  find: each(['aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration'], (lifecycle) =>
    items(at(lifecycle.props, 'rules')).flatMap((rule, i) =>
      deleting
        .filter((action) => isGiven(at(rule, action)))
        .map((action) =>
          violation(
            lifecycle,
            ['rules', i, action],
            `rules[${i}] should have no ${action}: a bucket would delete what the ledger still counts on.`,
          ),
        ),
    ),
  ),
}
