import { services } from '../../policies/services.ts'
import { type ClusterAccess, containers, kill9, restarts, until } from './cluster.ts'

/** Every process of the platform that can die. */
const victims = [
  'event-collector',
  'kafka',
  'hot-sink',
  'correlation-engine',
  'shard-manager',
  'clickhouse',
  'analytics',
  'redis',
] as const

export interface Killing {
  readonly access: ClusterAccess
  readonly kills: number
  /** In [0, 1), seeded. */
  readonly random: () => number
  /** Grows while the load goes on; throws where it has failed. A kill waits for some progress, so that it meets requests in flight. */
  readonly progress: () => number
  /** Called before a kill, by its number. */
  readonly before?: (kill: number) => Promise<void>
}

/** SIGKILL to one process after the other, each victim once and then as it comes; each kill is proven by a restart. */
export async function killOneByOne({ access, kills, random, progress, before }: Killing): Promise<void> {
  for (let n = 0; n < kills; n++) {
    const service = victims[n < victims.length ? n : Math.floor(random() * victims.length)]!
    const { namespace } = services[service]
    const goal = progress() + 1 + Math.floor(random() * 12)
    await until(`progress to ${goal} before kill ${n}`, async () => progress() >= goal)
    await before?.(n)
    const counted = await restarts(access, namespace, service)
    const pick = random()
    const victim = await until(`${service} to run`, async () => {
      const running = await containers(access, namespace, service)
      return running[Math.floor(pick * running.length)]
    })
    await kill9(access, victim.id)
    await until(
      `the restart of ${service} that kill ${n} causes`,
      async () => (await restarts(access, namespace, service)) > counted,
    )
  }
}
