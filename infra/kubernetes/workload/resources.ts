import { k8s } from 'cdk8s-plus-27'
import type { Size } from '../../../policies/model/service.ts'
import { gpuResource } from './placement.ts'

/** A pod's share: the memory that it asks for is also all that it gets, CPU may be lent to it when nobody else wants it. GPUs are whole. */
export const resources = ({ cpu, memory, gpu }: Size): k8s.ResourceRequirements => {
  const gpus = gpu === undefined ? {} : { [gpuResource]: k8s.Quantity.fromNumber(gpu) }
  return {
    requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory), ...gpus },
    limits: { memory: k8s.Quantity.fromString(memory), ...gpus },
  }
}
