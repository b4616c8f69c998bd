import type { InferenceRegion, Placement } from '../../../../policies/model/inference-region.ts'
import { type Bytes, bytes, type Cpu, millicores } from '../../../../policies/model/units.ts'
import type { Inference } from '../inference.ts'
import type { Said } from './said.ts'

/** What one pod asks for, where it may run, and what was changed of what the resource asks for. */
export interface Sizing {
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>
    readonly limits: Readonly<Record<string, string>>
  }
  readonly placement: Placement
  readonly accelerated: Said
  readonly sized: Said
}

/** The smaller of a quantity and its bound, as it is written. */
function atMost<T extends string>(wanted: T, bound: T | undefined, value: (text: T) => number): T {
  return bound !== undefined && value(wanted) > value(bound) ? bound : wanted
}

// A quantity that the definition lets through and a policy could not say: plain bytes.
const bytesOf = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : bytes(text as Bytes))
const coresOf = (text: string): number => millicores(text as Cpu)

/**
 * A pod's share. Memory that is asked for is also all that there is, CPU may be lent; a GPU is asked for only where the resource wants
 * one and the region has machines that have one, but always where `accelerator` says that pods wait for it.
 */
export function sizingOf({ spec }: Inference, region: InferenceRegion): Sizing {
  const { size, largest, placement } = region
  const { requests = {}, limits = {} } = spec.resources ?? {}
  const wantedCpu = requests.cpu ?? size.cpu
  const wantedMemory = requests.memory ?? size.memory
  const cpu = atMost<string>(wantedCpu, largest?.cpu, coresOf)
  const memory = atMost<string>(wantedMemory, largest?.memory, bytesOf)
  const smaller = cpu !== wantedCpu || memory !== wantedMemory
  const limitMemory = smaller ? memory : (limits.memory ?? memory)

  const gpus = Number(requests.gpu ?? 0)
  const resource = placement.gpu?.resource ?? 'nvidia.com/gpu'
  const on = gpus > 0 && spec.accelerator !== 'none' && (placement.gpu !== undefined || spec.accelerator === 'gpu')
  const gpu = on ? { [resource]: `${gpus}` } : {}
  const { resource: _, ...machines } = placement.gpu ?? { resource }
  return {
    resources: {
      requests: { cpu, memory, ...gpu },
      limits: { memory: limitMemory, ...(limits.cpu && !smaller ? { cpu: limits.cpu } : {}), ...gpu },
    },
    placement: on ? machines : placement.general,
    accelerated: acceleration(spec.accelerator ?? 'auto', gpus, on, placement.gpu !== undefined),
    sized: smaller
      ? {
          status: 'False',
          reason: 'LargestPod',
          message: `A pod gets cpu ${cpu} and memory ${memory}, the most that this region has for one, instead of ${wantedCpu} and ${wantedMemory}.`,
        }
      : { status: 'True', reason: 'AsAsked', message: `A pod gets cpu ${cpu} and memory ${memory}.` },
  }
}

function acceleration(accelerator: string, gpus: number, on: boolean, there: boolean): Said {
  if (on && there) return { status: 'True', reason: 'GPU', message: `A pod gets ${gpus} GPU(s).` }
  if (on)
    return {
      status: 'Unknown',
      reason: 'WaitsForGPU',
      message: "This region has no machines with a GPU, and accelerator 'gpu' makes pods wait for one.",
    }
  if (gpus === 0) return { status: 'False', reason: 'NotAsked', message: 'The resource asks for no GPU.' }
  if (accelerator === 'none') return { status: 'False', reason: 'None', message: "accelerator 'none' wants no GPU." }
  return {
    status: 'False',
    reason: 'NoGPUHere',
    message: 'This region has no machines with a GPU: pods compute on their CPUs.',
  }
}
