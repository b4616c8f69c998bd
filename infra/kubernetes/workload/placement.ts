import type { k8s } from 'cdk8s-plus-27'
import type { CloudPolicy } from '../../../policies/model/cloud.ts'
import type { Size } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { priorities } from '../names.ts'

export type PoolName = keyof CloudPolicy['kubernetes']['pools']

/** The label of every machine: which pool it is of. */
export const poolLabel = 'neurodefender.io/pool'

/** What a pod asks for to get a GPU, and what keeps everybody else away from machines that have one. */
export const gpuResource = 'nvidia.com/gpu'

export interface Taint {
  readonly key: string
  readonly value: string
  readonly effect: 'NoSchedule'
}

/** What keeps others away from the machines of a pool; `general` is everybody's. */
export const poolTaints: Readonly<Record<PoolName, readonly Taint[]>> = {
  general: [],
  data: [{ key: poolLabel, value: 'data', effect: 'NoSchedule' }],
  gpu: [{ key: gpuResource, value: 'true', effect: 'NoSchedule' }],
}

/** The machines that a pod belongs on: those with a GPU where it asks for one, those for data where it keeps any. */
const poolOf = (size: Size): PoolName =>
  size.gpu !== undefined ? 'gpu' : size.storage !== undefined ? 'data' : 'general'

/** Where a pod of this size runs, and whom it may push away. Nothing in a cluster that has one machine. */
export function placement(
  { context }: ChartScope,
  size: Size,
): Pick<k8s.PodSpec, 'nodeSelector' | 'tolerations' | 'priorityClassName'> {
  if (context.cluster.kind === 'embedded') return {}
  const pool = poolOf(size)
  return {
    nodeSelector: { [poolLabel]: pool },
    ...(poolTaints[pool].length > 0
      ? { tolerations: poolTaints[pool].map(({ key, value, effect }) => ({ key, operator: 'Equal', value, effect })) }
      : {}),
    priorityClassName: pool === 'data' ? priorities.data : priorities.services,
  }
}
