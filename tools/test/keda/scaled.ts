import { setTimeout as delay } from 'node:timers/promises'
import { type ClusterAccess, kubectl } from '../cluster.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

interface Scaled {
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly hpaName?: string
  }
}

/** A Deployment or another kind with a scale, and the objects that decide how many pods it has. */
export class ScaledDeployment {
  readonly #access: ClusterAccess
  readonly #namespace: string
  readonly #name: string
  readonly #kind: string

  constructor(access: ClusterAccess, namespace: string, name: string, kind = 'deployment') {
    this.#access = access
    this.#namespace = namespace
    this.#name = name
    this.#kind = kind
  }

  async replicas(): Promise<number> {
    const { spec } = await this.#get<{ spec: { replicas: number } }>(this.#kind, this.#name)
    return spec.replicas
  }

  async ready(): Promise<number> {
    const { status } = await this.#get<{ status: { readyReplicas?: number } }>(this.#kind, this.#name)
    return status.readyReplicas ?? 0
  }

  /** A condition of the ScaledObject: 'True: reason'. */
  async says(type: string): Promise<string> {
    return said(await this.#get<Scaled>('scaledobject.keda.sh', this.#name), type)
  }

  /** A condition of its HorizontalPodAutoscaler. */
  async hpaSays(type: string): Promise<string> {
    return said(await this.#get<Scaled>('hpa', `keda-hpa-${this.#name}`), type)
  }

  /** Follows the replicas until `done` is; answers the fewest and the most that there were to be, and the result. */
  async during<T>(done: Promise<T>): Promise<{ least: number; most: number; result: T }> {
    let going = true
    const end = done.finally(() => {
      going = false
    })
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    const look = (async () => {
      while (going) {
        const now = await this.replicas()
        least = Math.min(least, now)
        most = Math.max(most, now)
        await delay(1_000)
      }
    })()
    const [result] = await Promise.all([end, look])
    return { least, most, result }
  }

  #get<T>(kind: string, name: string): Promise<T> {
    return kubectl<T>(this.#access, ['-n', this.#namespace, 'get', kind, name])
  }
}

function said({ status }: Scaled, type: string): string {
  const found = status?.conditions?.find((condition) => condition.type === type)
  return found ? `${found.status}: ${found.reason ?? ''}` : ''
}
