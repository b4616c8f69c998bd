import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prometheusUser } from '../../infra/kubernetes/charts/prometheus.ts'
import { readRegion } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'
import { type Answer, ask } from '../region/ask.ts'
import type { Places } from '../region/context.ts'

/** One GET of Prometheus' API from outside the region. `password`: default the region's own. */
export function askPrometheus(where: Places, path: string, password?: string): Promise<Answer> {
  const { secrets, paths, nodeAddress } = readRegion(where.region, where.stateRoot)
  const url = `https://${nodeAddress}:${services.prometheus.nodePort}/api/v1/${path}`
  const options = {
    ca: readFileSync(join(paths.workloadPki, 'ca.crt')),
    auth: `${prometheusUser}:${password ?? secrets.prometheus}`,
    timeout: 10_000,
    agent: false,
  } as const
  return ask(url, options)
}

/** The values of an instant query, by the `label` of each series. */
export async function instant(where: Places, query: string, label: string): Promise<ReadonlyMap<string, number>> {
  const { status, body } = await askPrometheus(where, `query?query=${encodeURIComponent(query)}`)
  if (status !== 200) throw new Error(`Prometheus answered ${status}: ${body}`)
  const { data } = JSON.parse(body) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] }
  }
  return new Map(data.result.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])]))
}
