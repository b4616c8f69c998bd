import { TenantsError } from './parse.ts'

/** What an operator may do. `cross-tenant`: ask what all tenants have in common. */
const operatorRoles = ['cross-tenant'] as const
export type OperatorRole = (typeof operatorRoles)[number]

/** Somebody of the platform, of no tenant. */
export interface Operator {
  readonly name: string
  readonly roles: readonly OperatorRole[]
}

export interface OperatorEntry {
  readonly tokenSha256: string
  readonly operator: Operator
}

const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/**
 * Reads the operators of a registry that `parseTenants` takes: `{"operators"?: [{"operator", "tokenSha256", "roles"}]}`. `taken` are the hashes that name
 * tenants: none may name both. Throws TenantsError.
 */
export function parseOperators(text: string, taken: Iterable<string>): readonly OperatorEntry[] {
  const { operators } = JSON.parse(text) as { operators?: unknown }
  if (operators === undefined) return []
  if (!Array.isArray(operators)) throw new TenantsError(['operators must be a list.'])
  const problems: string[] = []
  const hashes = new Set(taken)
  const known: readonly unknown[] = operatorRoles
  const entries = operators.map((entry: unknown, index) => {
    const at = `operators[${index}]`
    const { operator, tokenSha256, roles } = isObject(entry) ? entry : {}
    const name = typeof operator === 'string' ? operator : ''
    if (!namePattern.test(name)) problems.push(`${at}.operator must be a name as a tenant's is.`)
    const hash = typeof tokenSha256 === 'string' ? tokenSha256.toLowerCase() : ''
    if (!/^[0-9a-f]{64}$/.test(hash)) problems.push(`${at}.tokenSha256 must be 64 hexadecimal digits.`)
    if (hashes.has(hash)) problems.push(`${at}.tokenSha256 stands here twice: a token names one bearer.`)
    hashes.add(hash)
    if (!Array.isArray(roles) || !roles.every((role) => known.includes(role)))
      problems.push(`${at}.roles must be a list of ${operatorRoles.join(', ')}.`)
    return { tokenSha256: hash, operator: { name, roles: Array.isArray(roles) ? (roles as OperatorRole[]) : [] } }
  })
  if (problems.length > 0) throw new TenantsError(problems)
  return entries
}
