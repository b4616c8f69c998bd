import { basename, dirname } from 'node:path'
import { readRegion } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'
import { certificateOf, podAddress } from './pods.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly servername: string
  readonly ca: string
  readonly user: string
  readonly password: string
}

/** The hot tier's engine as the sink's user; `state` is the region's folder. */
export async function clickhouseTarget(kubectl: string, state: string): Promise<Target> {
  const { secrets } = readRegion(basename(state), dirname(state))
  const { namespace, ports } = services.clickhouse
  return {
    host: await podAddress(kubectl, state, 'clickhouse'),
    port: ports.clickhouse,
    servername: `clickhouse.${namespace}.svc`,
    ca: certificateOf(state, 'clickhouse').pem.ca,
    user: 'sink',
    password: secrets.clickhouse.sink,
  }
}
