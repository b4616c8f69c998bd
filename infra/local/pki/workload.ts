import { join } from 'node:path'
import { type ServiceName, services } from '../../../policies/services.ts'
import type { AddressPlan } from '../address.ts'
import { writeFileAtomic } from '../files.ts'
import { domain } from '../state.ts'
import type { LeafRequest } from './authority.ts'
import { ensureAuthority, ensureLeaf } from './store.ts'

/** The certificate of one service: its names inside the region, and the node's address for callers from outside. */
export function workloadRequest(service: ServiceName, plan: AddressPlan): LeafRequest {
  const { namespace } = services[service]
  const names = [service, `${service}.${namespace}`, `${service}.${namespace}.svc`]
  return {
    commonName: service,
    dns: [
      ...names,
      `${service}.${namespace}.svc.${domain}`,
      `*.${service}-headless.${namespace}.svc.${domain}`,
      'localhost',
    ],
    ip: ['127.0.0.1', plan.nodeAddress],
    usage: ['server', 'client'],
  }
}

/** Makes what is missing or near its end of the services' PKI: `ca.crt`, and `<service>/tls.crt` with `tls.key`. */
export async function ensureWorkloadPki(folder: string, plan: AddressPlan): Promise<void> {
  const authority = await ensureAuthority(join(folder, 'ca'), 'neurodefender workloads')
  for (const service of Object.keys(services) as ServiceName[]) {
    await ensureLeaf(join(folder, service, 'tls'), authority, workloadRequest(service, plan))
    writeFileAtomic(join(folder, service, 'ca.crt'), authority.certificate, 0o644)
  }
}
