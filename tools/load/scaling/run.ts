import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../../services/common/testing/processes.ts'
import { type LoadFigures, type LoadOptions, OpenLoad } from './load.ts'
import type { Pod, ScaledService } from './service.ts'

export interface RunOptions {
  readonly service: ScaledService
  readonly load: LoadOptions
  /** Pods before and after the load. */
  readonly from: number
  /** Pods that the load needs. */
  readonly need: number
  /** The load goes on for so long after the last pod that it needs has answered. */
  readonly holdMs: number
  /** After so long a run is given up. */
  readonly limitMs: number
  readonly say: (text: string) => void
}

/** A change of the number of pods that are to be there: when, from the load's first request on, and to how many. */
export interface Step {
  readonly seconds: number
  readonly replicas: number
}

export interface Run {
  readonly need: number
  /** From the load's first request to the first inference that the last pod that it needs answered. */
  readonly upSeconds: number
  /** From the load's last request until there are as many pods as before it. */
  readonly downSeconds: number
  readonly most: number
  readonly steps: readonly Step[]
  readonly load: LoadFigures
}

/** Between two looks, milliseconds. */
const everyMs = 250

const here = (pods: readonly Pod[]): readonly Pod[] => pods.filter(({ going }) => !going)
const round = (ms: number): number => Math.round(ms / 100) / 10

/** One load from its begin until the pods that it brought are gone. Throws when either way takes longer than the limit. */
export async function oneRun({ service, load, from, need, holdMs, limitMs, say }: RunOptions): Promise<Run> {
  const settled = async () => {
    const [{ spec }, pods] = await Promise.all([service.resource(), service.pods()])
    return spec.replicas === from && pods.length === from && pods.every(({ ready }) => ready) && pods
  }
  const old = new Set((await eventually(`${from} pods`, settled, limitMs, everyMs)).map(({ name }) => name))
  const open = new OpenLoad(load)
  await open.start()
  const start = performance.now()
  const steps: Step[] = []
  let going = true
  const watched = (async () => {
    for (let last = from; going; await delay(500)) {
      const { spec } = await service.resource()
      if (spec.replicas === last || spec.replicas === undefined) continue
      last = spec.replicas
      steps.push({ seconds: round(performance.now() - start), replicas: last })
      say(`${steps.at(-1)?.seconds} s: ${last} pods are to be there`)
    }
  })()
  try {
    const served = new Set<string>()
    await eventually(
      `an inference of the pod number ${need}`,
      async () => {
        const fresh = here(await service.pods()).filter(
          ({ name, ready }) => ready && !old.has(name) && !served.has(name),
        )
        for (const pod of fresh) if ((await service.answered(pod)) > 0) served.add(pod.name)
        return served.size >= need - from
      },
      limitMs,
      everyMs,
    )
    const upSeconds = round(performance.now() - start)
    say(`${upSeconds} s: the last of ${need} pods has answered`)
    await delay(holdMs)
    const figures = await open.stop()
    const end = performance.now()
    await eventually(`${from} pods again`, settled, limitMs, everyMs)
    const downSeconds = round(performance.now() - end)
    say(`${downSeconds} s after the load: ${from} pods`)
    const most = Math.max(from, ...steps.map(({ replicas }) => replicas))
    return { need, upSeconds, downSeconds, most, steps, load: figures }
  } finally {
    going = false
    await open.stop()
    await watched
  }
}
