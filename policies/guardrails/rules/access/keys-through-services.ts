import { type Guardrail, violation } from '../../model/guardrail.ts'
import { statementsAt, withPolicy } from './statements.ts'

/** What reads or writes with a key, or lets somebody. */
const use = /^kms:(\*|Decrypt|Encrypt|GenerateDataKey|ReEncrypt|CreateGrant)/

/** Every key of an account or of a region of it. */
const anyKey = /^(\*|arn:aws[\w-]*:kms:[^:]*:[^:]*:(key\/)?\*)$/

/** Conditions that say through whom, for whom, or with which key. */
const bounds = new Set(['kms:ViaService', 'kms:GrantIsForAWSResource', 'kms:ResourceAliases'])

export const keysThroughServices: Guardrail = {
  name: 'kms-through-services',
  title: 'Whoever may use any key uses it through a service alone',
  severity: 'high',
  frameworks: ['AWS FSBP KMS.1', 'AWS FSBP KMS.2'],
  remediation: "Name the key, or add the condition 'kms:ViaService' with the services that keep the data.",
  scope: 'resource',
  judges: 'program',
  find: (resources) =>
    resources
      .filter(({ type }) => withPolicy.includes(type))
      .flatMap((resource) =>
        statementsAt(resource, ['policy'])
          .filter(({ allows, resources: on }) => allows && on.some((arn) => anyKey.test(arn)))
          .filter(({ conditions }) => !conditions.some(([, key]) => bounds.has(key)))
          .flatMap(({ path, actions }) => {
            // Everything of the service is another rule's: iam-no-wildcards.
            const used = actions.filter((action) => use.test(action) && action !== 'kms:*')
            return used.length === 0
              ? []
              : [violation(resource, path, `${used.join(', ')} with any key should need 'kms:ViaService'.`)]
          }),
      ),
}
