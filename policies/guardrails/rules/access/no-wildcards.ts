import { type Guardrail, violation } from '../../model/guardrail.ts'
import { at, type GuardedResource, items } from '../../model/resource.ts'
import { statementsAt, withPolicy } from './statements.ts'

type Path = readonly (string | number)[]

/** Where a resource holds policies that grant something. */
const policiesOf = ({ type, props }: GuardedResource): readonly Path[] => {
  if (withPolicy.includes(type)) return [['policy']]
  return type === 'aws:iam/role:Role'
    ? items(at(props, 'inlinePolicies')).map((_, i) => ['inlinePolicies', i, 'policy'])
    : []
}

/** AWS's own policies that let their holder do everything. */
const everything = /^arn:aws[\w-]*:iam::aws:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/

const wild = (action: string): boolean => action === '*' || action.endsWith(':*')

export const noWildcards: Guardrail = {
  name: 'iam-no-wildcards',
  title: 'No role may do everything to everything',
  severity: 'critical',
  frameworks: ['AWS FSBP IAM.1', 'AWS FSBP IAM.21', 'CIS AWS 1.16'],
  remediation: 'Name the actions, or the resources, that the role needs.',
  scope: 'resource',
  judges: 'program',
  find: (resources) =>
    resources.flatMap((resource) => [
      ...policiesOf(resource).flatMap((path) =>
        statementsAt(resource, path)
          .filter(({ allows, resources: on }) => allows && on.includes('*'))
          .filter(({ actions }) => actions.some(wild))
          .map(({ path: where, actions }) =>
            violation(resource, where, `${actions.filter(wild).join(', ')} should not be allowed on every resource.`),
          ),
      ),
      ...[at(resource.props, 'policyArn'), ...items(at(resource.props, 'managedPolicyArns'))]
        .filter((arn) => resource.type.startsWith('aws:iam/') && everything.test(String(arn)))
        .map((arn) =>
          violation(resource, [], `${String(arn).split('/').at(-1)} should not be attached: it allows everything.`),
        ),
    ]),
}
