import type { IncomingMessage } from 'node:http'
import type { Tenant, TenantRegistry } from '../tenants/registry.ts'
import { HttpError } from './errors.ts'

/** The tenant whose token the request bears. Throws HttpError 401. */
export function authenticate(request: IncomingMessage, tenants: Pick<TenantRegistry, 'find'>): Tenant {
  const match = /^Bearer ([A-Za-z0-9_.~+/=-]{1,256})$/i.exec(request.headers.authorization ?? '')
  const tenant = match ? tenants.find(match[1]!) : undefined
  if (!tenant)
    throw new HttpError(
      401,
      match ? 'UNKNOWN_TOKEN' : 'NO_TOKEN',
      match
        ? 'This token belongs to no tenant here. Check it, or ask the platform for a new one.'
        : "Send the tenant's token: 'Authorization: Bearer <token>'.",
      { headers: { 'www-authenticate': 'Bearer' } },
    )
  return tenant
}
