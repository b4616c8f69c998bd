import { instances } from '../../../policies/model/instances.ts'
import type { AwsScope } from '../scope.ts'
import type { PeerPort } from './ingress.ts'

/** What of the policies no cluster can be made of, one sentence each. */
export function clusterProblems({ cloud, here }: AwsScope, peerPorts: readonly PeerPort[]): readonly string[] {
  const { version, addons, system } = cloud.kubernetes
  const problems: string[] = []
  const path = 'cloud.kubernetes'
  if (!/^1\.\d+$/.test(version)) problems.push(`${path}.version (${version}) must be a minor version such as '1.34'.`)
  for (const [name, addon] of Object.entries(addons))
    if (!/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(addon))
      problems.push(`${path}.addons.${name} (${addon}) must be a whole version such as 'v1.2.3-eksbuild.1'.`)
  if (!addons['kube-proxy'].startsWith(`v${version}.`))
    problems.push(
      `${path}.addons.kube-proxy (${addons['kube-proxy']}) must be of the minor version of ${path}.version (${version}).`,
    )
  if (!instances[system.instance])
    problems.push(`${path}.system.instance (${system.instance}) is not in policies/model/instances.ts.`)
  if (system.count < here.cloud.zones.length)
    problems.push(
      `${path}.system.count (${system.count}) must be at least ${here.cloud.zones.length}: one machine in each zone.`,
    )
  for (const { port } of peerPorts)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      problems.push(`peerPorts (${port}) must be a port from 1 to 65535.`)
  return problems
}
