import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readRegion } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly servername: string
  readonly ca: string
  readonly user: string
  readonly password: string
}

/** The engine's pod, which the machine reaches over the region's cable; `state` is the region's folder. */
export async function clickhouseTarget(kubectl: string, state: string): Promise<Target> {
  const { paths, secrets } = readRegion(basename(state), dirname(state))
  const { namespace, ports } = services.clickhouse
  const args = ['--kubeconfig', paths.kubeconfig, '-n', namespace, 'get', 'pod', 'clickhouse-0']
  const { stdout } = await promisify(execFile)(kubectl, [...args, '-o', 'jsonpath={.status.podIP}'])
  return {
    host: stdout.trim(),
    port: ports.clickhouse,
    servername: `clickhouse.${namespace}.svc`,
    ca: readFileSync(join(paths.workloadPki, 'ca.crt'), 'utf8'),
    user: 'sink',
    password: secrets.clickhouse.sink,
  }
}
