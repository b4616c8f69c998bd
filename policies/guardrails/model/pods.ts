import type { Find, Violation } from './guardrail.ts'
import { type PodTemplate, podsOf } from './kubernetes.ts'

/** Judges the pods of every workload. */
export const eachPod =
  (judge: (pod: PodTemplate) => readonly Violation[]): Find =>
  (resources) =>
    resources.flatMap(podsOf).flatMap(judge)
