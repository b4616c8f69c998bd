import type { IncomingMessage } from 'node:http'
import type { Operator, OperatorRole, Tenant, TenantRegistry } from '../tenants/registry.ts'
import { HttpError } from './errors.ts'

function bearer(request: IncomingMessage): string | undefined {
  return /^Bearer ([A-Za-z0-9_.~+/=-]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1]
}

const unauthenticated = (code: 'NO_TOKEN' | 'UNKNOWN_TOKEN', message: string) =>
  new HttpError(401, code, message, { headers: { 'www-authenticate': 'Bearer' } })

/** The operator whose token the request bears. Throws HttpError 401, and 403 when the operator has not the role. A tenant's token is unknown here. */
export function authenticateOperator(
  request: IncomingMessage,
  registry: Pick<TenantRegistry, 'findOperator'>,
  role: OperatorRole,
): Operator {
  const token = bearer(request)
  if (!token) throw unauthenticated('NO_TOKEN', "Send the operator's token: 'Authorization: Bearer <token>'.")
  const operator = registry.findOperator(token)
  if (!operator) throw unauthenticated('UNKNOWN_TOKEN', 'This token belongs to no operator here.')
  if (!operator.roles.includes(role))
    throw new HttpError(403, 'ROLE_MISSING', `This takes an operator with the role '${role}'.`)
  return operator
}

/** The tenant whose token the request bears. Throws HttpError 401. */
export function authenticate(request: IncomingMessage, tenants: Pick<TenantRegistry, 'find'>): Tenant {
  const token = bearer(request)
  if (!token) throw unauthenticated('NO_TOKEN', "Send the tenant's token: 'Authorization: Bearer <token>'.")
  const tenant = tenants.find(token)
  if (!tenant)
    throw unauthenticated(
      'UNKNOWN_TOKEN',
      'This token belongs to no tenant here. Check it, or ask the platform for a new one.',
    )
  return tenant
}
