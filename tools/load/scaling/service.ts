import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import type { Region } from '../../../infra/local/region.ts'
import { type MLInferenceSpec, mlInference } from '../../../policies/model/ml-inference.ts'
import { services } from '../../../policies/services.ts'
import { ask } from '../../region/ask.ts'
import { ClusterReader } from './api.ts'

const { namespace, ports, metrics } = services['ml-inference']
const series = metrics.qps.series

interface Resource {
  readonly spec: MLInferenceSpec
  readonly status?: { readonly replicas?: number }
}

export interface Pod {
  readonly name: string
  readonly address: string | undefined
  readonly ready: boolean
  readonly going: boolean
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
    readonly status: {
      readonly podIP?: string
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    }
  }[]
}

/** One MLInference of a region: how many pods it is to have and has, and what each of them has answered. */
export class ScaledService {
  readonly name: string
  readonly #cluster: ClusterReader
  readonly #agent: Agent
  readonly #path: string

  constructor(region: Region, name: string) {
    this.name = name
    this.#cluster = new ClusterReader(region)
    const pem = (...path: string[]): Buffer => readFileSync(join(region.paths.workloadPki, ...path))
    // Prometheus may read the pods' figures, and so may who shows its certificate.
    this.#agent = new Agent({
      keepAlive: true,
      ca: pem('ca.crt'),
      cert: pem('prometheus', 'tls.crt'),
      key: pem('prometheus', 'tls.key'),
    })
    const { group, version, plural } = mlInference
    this.#path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}`
  }

  resource(): Promise<Resource> {
    return this.#cluster.get<Resource>(this.#path)
  }

  /** Sets what it scales by; null takes it back to its row of the matrix. */
  async scaleBy(scaling: MLInferenceSpec['scaling']): Promise<void> {
    await this.#cluster.merge(this.#path, { spec: { scaling } })
  }

  async pods(): Promise<readonly Pod[]> {
    const selector = encodeURIComponent(`neurodefender.io/inference=${this.name},neurodefender.io/subset=stable`)
    const { items } = await this.#cluster.get<PodList>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)
    return items.map(({ metadata, status }) => ({
      name: metadata.name,
      address: status.podIP,
      ready: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
      going: metadata.deletionTimestamp !== undefined,
    }))
  }

  /** Inferences that a pod has answered well since it started; 0 for one that does not answer yet. */
  async answered({ address }: Pod): Promise<number> {
    if (!address) return 0
    const options = {
      servername: `ml-inference.${namespace}.svc`,
      agent: this.#agent,
      signal: AbortSignal.timeout(5_000),
    }
    return ask(`https://${address}:${ports.admin}/metrics`, options).then(
      ({ body }) => answeredIn(body),
      () => 0,
    )
  }

  close(): void {
    this.#cluster.close()
    this.#agent.destroy()
  }
}

/** The inferences that went well, of a pod's figures in Prometheus' format. */
export function answeredIn(text: string): number {
  let sum = 0
  for (const line of text.split('\n'))
    if (line.startsWith(`${series}{`) && line.includes('outcome="ok"'))
      sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  return sum
}
