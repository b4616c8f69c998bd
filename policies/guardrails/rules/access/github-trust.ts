import { each, type Guardrail, type Violation, violation } from '../../model/guardrail.ts'
import { at } from '../../model/resource.ts'
import { type Statement, statementsAt } from './statements.ts'

const issuer = 'token.actions.githubusercontent.com'
const audience = 'sts.amazonaws.com'

/** One repository, and one branch, tag, environment, or pull requests: 'repo:owner/name:environment:prod'. */
const bound = /^repo:[\w.-]+\/[\w.-]+:(?:ref:refs\/(?:heads|tags)\/[^*?]+|environment:[^*?]+|pull_request)$/

/** A role for whom somebody else vouches. Pods of ours have Pod Identity; what EKS vouches for is no workflow. */
const isWorkflow = ({ allows, actions, principal }: Statement): boolean =>
  allows &&
  actions.includes('sts:AssumeRoleWithWebIdentity') &&
  ![at(principal, 'Federated')].flat().every((who) => String(who).includes('/oidc.eks.'))

/** All values that a condition lets through for one claim of the token. A pattern counts as what it says. */
const claims = ({ conditions }: Statement, claim: string): readonly string[] =>
  conditions
    .filter(([operator, key]) => /^String(Equals|Like)$/.test(operator) && key === `${issuer}:${claim}`)
    .flatMap(([, , values]) => values)

export const githubTrust: Guardrail = {
  name: 'github-trust-bound',
  title: 'Only our repository, from a known ref or environment, takes a role in CI',
  severity: 'critical',
  frameworks: [],
  remediation: `Let the trust policy compare ${issuer}:aud with '${audience}' and :sub with 'repo:OWNER/NAME:environment:…' or ':ref:refs/heads/…'.`,
  scope: 'resource',
  judges: 'program',
  find: each(['aws:iam/role:Role'], (role) =>
    statementsAt(role, ['assumeRolePolicy'])
      .filter(isWorkflow)
      .flatMap((statement): readonly Violation[] => {
        const audiences = claims(statement, 'aud')
        const subjects = claims(statement, 'sub')
        const open = subjects.filter((subject) => !bound.test(subject))
        const says = (bad: boolean, message: string) => (bad ? [violation(role, statement.path, message)] : [])
        return [
          ...says(
            audiences.length === 0 || audiences.some((one) => one !== audience),
            `The trust should ask for the audience '${audience}'.`,
          ),
          ...says(
            subjects.length === 0,
            'The trust should name repository and ref or environment; any repository could take the role.',
          ),
          ...says(
            open.length > 0,
            `The trust should name repository and ref or environment, not ${open.map((one) => `'${one}'`).join(', ')}.`,
          ),
        ]
      }),
  ),
}
