import { allocatable } from '../../../policies/capacity.ts'
import { instances } from '../../../policies/model/instances.ts'
import { bytes } from '../../../policies/model/units.ts'

/** What one pod asks of a machine. */
export interface PodRequest {
  readonly millicores: number
  readonly bytes: number
  readonly gpus: number
}

/** Machines by type. */
export type Packed = ReadonlyMap<string, number>

export interface Packing {
  readonly machines: Packed
  /** Pods that fit on no machine of the pool. */
  readonly homeless: number
}

const fits = (pod: PodRequest, room: PodRequest): boolean =>
  pod.millicores <= room.millicores && pod.bytes <= room.bytes && pod.gpus <= room.gpus

const less = (room: PodRequest, pod: PodRequest): PodRequest => ({
  millicores: room.millicores - pod.millicores,
  bytes: room.bytes - pod.bytes,
  gpus: room.gpus - pod.gpus,
})

const plus = (a: PodRequest, b: PodRequest): PodRequest => ({
  millicores: a.millicores + b.millicores,
  bytes: a.bytes + b.bytes,
  gpus: a.gpus + b.gpus,
})

/** What pods may ask of a machine of a type. Undefined for one that nobody knows. */
function roomOf(type: string): PodRequest | undefined {
  const of = instances[type]
  return (
    of && {
      millicores: of.vcpu * 1_000 * allocatable.cpu,
      bytes: bytes(of.memory) * allocatable.memory,
      gpus: of.gpu ?? 0,
    }
  )
}

/**
 * Packs pods by what they ask for, as Karpenter does: the largest first, each on the first machine that has room, a new one of the largest type where
 * none has; then each machine becomes the smallest type that holds its pods.
 */
export function pack(pods: readonly PodRequest[], types: readonly string[]): Packing {
  const known = types
    .flatMap((type) => {
      const room = roomOf(type)
      return room ? [{ type, room }] : []
    })
    .sort((a, b) => a.room.millicores - b.room.millicores || a.room.bytes - b.room.bytes)
  const largest = known.at(-1)
  const open: { room: PodRequest; used: PodRequest }[] = []
  let homeless = 0
  const weight = ({ millicores, bytes: memory, gpus }: PodRequest) =>
    largest === undefined
      ? 0
      : Math.max(millicores / largest.room.millicores, memory / largest.room.bytes, gpus > 0 ? 1 : 0)
  for (const pod of [...pods].sort((a, b) => weight(b) - weight(a))) {
    const there = open.find(({ room }) => fits(pod, room))
    if (there) {
      there.room = less(there.room, pod)
      there.used = plus(there.used, pod)
    } else if (largest && fits(pod, largest.room)) open.push({ room: less(largest.room, pod), used: pod })
    else homeless++
  }
  const machines = new Map<string, number>()
  for (const { used } of open) {
    const { type } = known.find(({ room }) => fits(used, room))!
    machines.set(type, (machines.get(type) ?? 0) + 1)
  }
  return { machines, homeless }
}
