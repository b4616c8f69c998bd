import { join } from 'node:path'
import { type ServiceName, services } from '../../../policies/services.ts'
import type { AddressPlan } from '../address.ts'
import { writeFileAtomic } from '../files.ts'
import { keda } from '../keda.ts'
import { mesh } from '../mesh.ts'
import { domain } from '../state.ts'
import type { LeafRequest } from './authority.ts'
import { ensureAuthority, ensureLeaf } from './store.ts'

/** The certificate of one service: its names inside the region, and the node's address for callers from outside. */
function workloadRequest(service: ServiceName, plan: AddressPlan): LeafRequest {
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

/** Who pods of the mesh are, as certificates say it. */
const spiffe = (namespace: string, account: string): string => `spiffe://${domain}/ns/${namespace}/sa/${account}`

const namesOf = (name: string, namespace: string) => [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.${domain}`]

/**
 * The autoscaler's own: the operator asks Prometheus and is asked by the adapter, which the API server asks; each shows who it is on both
 * sides.
 */
const kedaRequests = (): Readonly<Record<string, LeafRequest>> =>
  Object.fromEntries(
    [keda.operator, keda.adapter].map((name) => [
      name,
      { commonName: name, dns: namesOf(name, keda.namespace), usage: ['server', 'client'] },
    ]),
  )

/**
 * The mesh's own: its control plane, and the gateway, which callers from outside know by the node's address or by the names of what they
 * call, and the control plane by its account.
 */
function meshRequests(plan: AddressPlan): Readonly<Record<string, LeafRequest>> {
  const { namespace, gateway, control } = mesh
  return {
    [control]: { commonName: control, dns: namesOf(control, namespace), usage: ['server'] },
    [gateway]: {
      commonName: gateway,
      dns: [
        ...namesOf(gateway, namespace),
        gateway,
        `*.${services['ml-inference'].namespace}.svc.${domain}`,
        'localhost',
      ],
      ip: ['127.0.0.1', plan.nodeAddress],
      uri: [spiffe(namespace, gateway)],
      usage: ['server', 'client'],
    },
  }
}

/** Makes what is missing or near its end of the services' PKI: `ca.crt`, and `<service>/tls.crt` with `tls.key`. */
export async function ensureWorkloadPki(folder: string, plan: AddressPlan): Promise<void> {
  const authority = await ensureAuthority(join(folder, 'ca'), 'neurodefender workloads')
  for (const service of Object.keys(services) as ServiceName[]) {
    await ensureLeaf(join(folder, service, 'tls'), authority, workloadRequest(service, plan))
    writeFileAtomic(join(folder, service, 'ca.crt'), authority.certificate, 0o644)
  }
  for (const [name, request] of Object.entries({ ...meshRequests(plan), ...kedaRequests() }))
    await ensureLeaf(join(folder, name, 'tls'), authority, request)
}
