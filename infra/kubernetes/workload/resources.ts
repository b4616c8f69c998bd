import { k8s } from 'cdk8s-plus-27'
import type { Size } from '../../../policies/model/service.ts'

/** A pod's share: the memory that it asks for is also all that it gets, CPU may be lent to it when nobody else wants it. */
export const resources = ({ cpu, memory }: Size): k8s.ResourceRequirements => ({
  requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory) },
  limits: { memory: k8s.Quantity.fromString(memory) },
})
