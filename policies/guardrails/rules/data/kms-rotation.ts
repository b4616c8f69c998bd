import { each, type Guardrail, shouldBe } from '../../model/guardrail.ts'
import { at, isGiven } from '../../model/resource.ts'

export const kmsRotation: Guardrail = {
  name: 'kms-rotation',
  title: 'A key that encrypts is renewed by itself',
  severity: 'high',
  frameworks: ['AWS Security Hub KMS.4'],
  remediation: 'Set enableKeyRotation to true.',
  scope: 'resource',
  judges: 'program',
  find: each(['aws:kms/key:Key'], (key) => {
    const spec = at(key.props, 'customerMasterKeySpec')
    // AWS renews no key that signs; a replica is renewed with its primary.
    const renewable = !isGiven(spec) || spec === 'SYMMETRIC_DEFAULT'
    return renewable ? shouldBe(key, ['enableKeyRotation'], true) : []
  }),
}
