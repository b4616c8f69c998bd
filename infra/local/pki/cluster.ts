import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AddressPlan } from '../address.ts'
import { writeFileAtomic } from '../files.ts'
import { domain } from '../state.ts'
import type { LeafRequest } from './authority.ts'
import { ensureAuthority, ensureLeaf } from './store.ts'

type AuthorityName = 'cluster' | 'front-proxy' | 'etcd'

/** Who signs for whom: one authority per circle of trust, so that a client of one is a stranger to the others. */
const authorities: Record<AuthorityName, string> = {
  cluster: 'ca',
  'front-proxy': 'front-proxy-ca',
  etcd: 'etcd-ca',
}

/** Every certificate of the control plane and the node, by file name. Common name and organization are user and group. */
export function clusterLeaves(
  plan: AddressPlan,
  nodeName: string,
): Record<string, LeafRequest & { authority: AuthorityName }> {
  const client = (commonName: string, organization?: string): LeafRequest & { authority: AuthorityName } => ({
    authority: 'cluster',
    commonName,
    usage: ['client'],
    ...(organization ? { organization } : {}),
  })
  const loopback = (commonName: string): LeafRequest & { authority: AuthorityName } => ({
    authority: 'cluster',
    commonName,
    dns: ['localhost'],
    ip: ['127.0.0.1'],
    usage: ['server'],
  })
  return {
    apiserver: {
      authority: 'cluster',
      commonName: 'kube-apiserver',
      dns: [
        'localhost',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        `kubernetes.default.svc.${domain}`,
      ],
      ip: ['127.0.0.1', plan.nodeAddress, plan.kubernetesAddress],
      usage: ['server'],
    },
    kubelet: {
      authority: 'cluster',
      commonName: `system:node:${nodeName}`,
      organization: 'system:nodes',
      dns: [nodeName],
      ip: [plan.nodeAddress],
      usage: ['server', 'client'],
    },
    admin: client('admin', 'system:masters'),
    // The API server calls the kubelet for logs and exec; the kubelet asks back whether this user may.
    'apiserver-kubelet-client': client('kube-apiserver-kubelet-client', 'system:masters'),
    'controller-manager': client('system:kube-controller-manager'),
    scheduler: client('system:kube-scheduler'),
    'kube-proxy': client('system:kube-proxy'),
    'controller-manager-server': loopback('kube-controller-manager'),
    'scheduler-server': loopback('kube-scheduler'),
    'front-proxy-client': { authority: 'front-proxy', commonName: 'front-proxy-client', usage: ['client'] },
    'etcd-server': {
      authority: 'etcd',
      commonName: 'etcd',
      dns: ['localhost'],
      ip: ['127.0.0.1'],
      usage: ['server', 'client'],
    },
    'etcd-client': { authority: 'etcd', commonName: 'kube-apiserver', usage: ['client'] },
  }
}

/** Makes what is missing or near its end of the cluster's PKI in `folder`. */
export async function ensureClusterPki(folder: string, plan: AddressPlan, nodeName: string): Promise<void> {
  const signers = {
    cluster: await ensureAuthority(join(folder, authorities.cluster), 'neurodefender cluster'),
    'front-proxy': await ensureAuthority(join(folder, authorities['front-proxy']), 'neurodefender front proxy'),
    etcd: await ensureAuthority(join(folder, authorities.etcd), 'neurodefender etcd'),
  }
  for (const [name, { authority, ...request }] of Object.entries(clusterLeaves(plan, nodeName)))
    await ensureLeaf(join(folder, name), signers[authority], request)
  if (!existsSync(join(folder, 'sa.pub'))) {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileAtomic(join(folder, 'sa.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileAtomic(join(folder, 'sa.pub'), keys.publicKey.export({ type: 'spki', format: 'pem' }), 0o644)
  }
}
