import { at, fields, type GuardedResource, items, unknown } from '../../model/resource.ts'

/** Resources that are a policy of IAM. */
export const withPolicy: readonly string[] = [
  'aws:iam/policy:Policy',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:iam/userPolicy:UserPolicy',
  'aws:iam/groupPolicy:GroupPolicy',
]

/** One statement of a policy, whatever way it is written. */
export interface Statement {
  readonly path: readonly (string | number)[]
  readonly allows: boolean
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly principal: unknown
  /** Operator, key, values. */
  readonly conditions: readonly (readonly [operator: string, key: string, values: readonly string[]])[]
}

const list = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String)

/** JSON of a policy; undefined while it is not known, or is none. */
function parse(value: unknown): unknown {
  if (typeof value !== 'string' || value === unknown) return typeof value === 'object' ? value : undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** The statements of the policy at a path of a resource. */
export function statementsAt({ props }: GuardedResource, path: readonly (string | number)[]): readonly Statement[] {
  const statements = at(parse(at(props, ...path)), 'Statement')
  return (Array.isArray(statements) ? items(statements) : statements === undefined ? [] : [statements]).map(
    (statement, i): Statement => ({
      path: [...path, 'Statement', i],
      allows: at(statement, 'Effect') !== 'Deny',
      actions: list(at(statement, 'Action')),
      resources: list(at(statement, 'Resource')),
      principal: at(statement, 'Principal'),
      conditions: fields(at(statement, 'Condition')).flatMap(([operator, keys]) =>
        fields(keys).map(([key, values]) => [operator, key, list(values)] as const),
      ),
    }),
  )
}
