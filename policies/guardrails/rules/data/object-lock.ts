import { seconds } from '../../../model/units.ts'
import { type Guardrail, shouldBe, type Violation, violation } from '../../model/guardrail.ts'
import { at, unknown } from '../../model/resource.ts'
import { bucketType, companion } from './s3.ts'

const type = 'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration'

export const objectLock: Guardrail = {
  name: 's3-object-lock',
  title: 'What must be kept cannot be deleted by anybody',
  severity: 'high',
  frameworks: [],
  remediation:
    "Give the bucket a BucketObjectLockConfiguration in the mode 'COMPLIANCE' for as long as the data class says.",
  scope: 'stack',
  judges: 'program',
  find: (resources, { policies }) =>
    resources
      .filter((one) => one.type === bucketType)
      .flatMap((bucket): readonly Violation[] => {
        const dataClass = String(at(bucket.props, 'tags', 'DataClass'))
        const lock = policies.objectives.dataClasses[dataClass]?.lock
        if (lock === undefined) return []
        const config = companion(resources, type, bucket)
        if (!config)
          return [violation(bucket, [], `The bucket holds the class '${dataClass}' and should be locked for ${lock}.`)]
        const rule = ['rule', 'defaultRetention']
        const days = at(config.props, ...rule, 'days')
        return [
          ...shouldBe(config, [...rule, 'mode'], 'COMPLIANCE'),
          ...(days === unknown || Number(days ?? 0) * 86_400 >= seconds(lock)
            ? []
            : [
                violation(
                  config,
                  [...rule, 'days'],
                  `rule.defaultRetention.days should cover ${lock}; it is ${String(days)}.`,
                ),
              ]),
        ]
      }),
}
