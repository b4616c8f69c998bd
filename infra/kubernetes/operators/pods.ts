import type { Bytes, Cpu } from '../../../policies/model/units.ts'
import { gpuResource, poolLabel } from '../workload/placement.ts'

interface Toleration {
  readonly key: string
  readonly operator: 'Exists'
  readonly effect?: 'NoSchedule'
}

/** Where pods of a chart run, in the words of nearly every chart. */
export interface Placed {
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly Toleration[]
}

/** The label of the machines that stand there before Karpenter can start any. */
const systemPool = 'system'

/** On the machines that do not come from Karpenter: who starts machines must not need one. */
export const onSystem: Placed = {
  nodeSelector: { [poolLabel]: systemPool },
  tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
}

/** On machines that come and go with load: what serves callers and may have many pods. */
export const onGeneral: Placed = { nodeSelector: { [poolLabel]: 'general' }, tolerations: [] }

/** On every machine with a GPU and on no other. */
export const onGpu: Placed = {
  nodeSelector: { [poolLabel]: 'gpu' },
  tolerations: [{ key: gpuResource, operator: 'Exists', effect: 'NoSchedule' }],
}

export interface Asked {
  readonly requests: { readonly cpu: Cpu; readonly memory: Bytes }
  readonly limits: { readonly memory: Bytes }
}

/** What a controller's pod asks for: memory is also its limit. */
export const asks = (cpu: Cpu, memory: Bytes): Asked => ({ requests: { cpu, memory }, limits: { memory } })
