import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { prometheusUser } from '../../infra/kubernetes/charts/prometheus.ts'
import { readRegion } from '../../infra/local/region.ts'
import { services } from '../../policies/services.ts'
import type { Places } from '../region/context.ts'

/** One GET of Prometheus' API from outside the region. `password`: default the region's own. */
export function askPrometheus(
  where: Places,
  path: string,
  password?: string,
): Promise<{ status: number; body: string }> {
  const { secrets, paths, nodeAddress } = readRegion(where.region, where.stateRoot)
  const url = `https://${nodeAddress}:${services.prometheus.nodePort}/api/v1/${path}`
  const options = {
    ca: readFileSync(join(paths.workloadPki, 'ca.crt')),
    auth: `${prometheusUser}:${password ?? secrets.prometheus}`,
    timeout: 10_000,
    agent: false,
  } as const
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    sent.on('timeout', () => sent.destroy(new Error('Prometheus does not answer.')))
    sent.on('error', reject)
    sent.end()
  })
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
