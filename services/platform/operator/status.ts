import { isDeepStrictEqual } from 'node:util'
import type { InferenceRegion } from '../../../policies/model/inference-region.ts'
import type { Condition, MLInferenceStatus } from '../../../policies/model/ml-inference.ts'
import { services } from '../../../policies/services.ts'
import type { KubeObject } from './api/object.ts'
import { hostOf, selectorOf, selectorText } from './desired/names.ts'
import type { Said } from './desired/said.ts'
import type { Inference } from './inference.ts'
import type { CanaryPlan } from './plan.ts'

/** What the operator says of a resource; `canary` is another's. */
export type OwnStatus = Omit<MLInferenceStatus, 'canary'>

/** A Deployment's own words. */
interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
}

const statusOf = (deployment: KubeObject | undefined) => (deployment?.status ?? {}) as DeploymentStatus
const replicasOf = (deployment: KubeObject | undefined) => (deployment?.spec as { replicas?: number })?.replicas ?? 0

/** Whether the pods that a Deployment wants are there and answer, and no others. */
export function rolledOut(deployment: KubeObject | undefined): boolean {
  if (!deployment) return false
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = statusOf(deployment)
  const wanted = replicasOf(deployment)
  return (
    observedGeneration >= (deployment.metadata.generation ?? 0) &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted)
  )
}

function availability(stable: KubeObject | undefined): Said {
  const { availableReplicas = 0 } = statusOf(stable)
  const wanted = replicasOf(stable)
  if (wanted === 0) return { status: 'False', reason: 'NoReplicas', message: 'spec.replicas is 0: there are no pods.' }
  if (availableReplicas >= wanted)
    return { status: 'True', reason: 'Available', message: `${availableReplicas} of ${wanted} pods answer.` }
  return {
    status: availableReplicas > 0 ? 'True' : 'False',
    reason: availableReplicas > 0 ? 'FewerPods' : 'NoPods',
    message: `${availableReplicas} of ${wanted} pods answer.`,
  }
}

function progress(deployments: readonly KubeObject[]): Said {
  const stuck = deployments.flatMap((deployment) => {
    const progressing = statusOf(deployment).conditions?.find(({ type }) => type === 'Progressing')
    return progressing?.status === 'False' ? [`${deployment.metadata.name}: ${progressing.message ?? ''}`] : []
  })
  if (stuck.length > 0) return { status: 'False', reason: 'Stuck', message: stuck.join(' ').slice(0, 1_000) }
  const moving = deployments.filter((deployment) => !rolledOut(deployment)).map(({ metadata }) => metadata.name)
  if (moving.length > 0)
    return {
      status: 'True',
      reason: 'RollingOut',
      message: `Pods are being replaced or counted: ${moving.join(', ')}.`,
    }
  return { status: 'False', reason: 'RolledOut', message: 'All pods are as the resource says.' }
}

/** Conditions keep the time since when they have had their status. */
function conditions(inference: Inference, said: Readonly<Record<string, Said>>, now: Date): readonly Condition[] {
  const before = new Map((inference.status?.conditions ?? []).map((condition) => [condition.type, condition]))
  return Object.entries(said).map(([type, { status, reason, message }]) => {
    const old = before.get(type)
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime:
        old?.status === status && old.lastTransitionTime
          ? old.lastTransitionTime
          : `${now.toISOString().slice(0, 19)}Z`,
      observedGeneration: inference.metadata.generation ?? 0,
    }
  })
}

export interface StatusInput {
  readonly inference: Inference
  readonly region: InferenceRegion
  readonly plan: CanaryPlan
  /** As the API server has them. */
  readonly deployments: { readonly stable?: KubeObject | undefined; readonly canary?: KubeObject | undefined }
  readonly said: Readonly<Record<string, Said>>
  readonly now: Date
}

/** What is said of a resource whose objects stand. */
export function ownStatus({ inference, region, plan, deployments, said, now }: StatusInput): OwnStatus {
  const { ports } = services['ml-inference']
  const { stable, canary } = deployments
  const subset = (version: string, deployment: KubeObject | undefined) => ({
    version,
    replicas: statusOf(deployment).replicas ?? 0,
    readyReplicas: statusOf(deployment).readyReplicas ?? 0,
  })
  const host = hostOf(inference, region)
  // Behind proxies that have TLS with each other, callers speak plainly to their own.
  const scheme = region.mesh.tls === 'mutual' ? 'http' : 'https'
  return {
    observedGeneration: inference.metadata.generation ?? 0,
    replicas: statusOf(stable).replicas ?? 0,
    readyReplicas: statusOf(stable).readyReplicas ?? 0,
    selector: selectorText(selectorOf(inference.metadata.name, 'stable')),
    subsets: {
      stable: subset(plan.stable.version, stable),
      ...(plan.canary ? { canary: subset(plan.canary.model.version, canary) } : {}),
    },
    urls: { rest: `${scheme}://${host}:${ports.https}`, grpc: `${host}:${ports.grpc}` },
    conditions: conditions(
      inference,
      {
        Accepted: { status: 'True', reason: 'Accepted', message: 'Its objects are made.' },
        Available: availability(stable),
        Progressing: progress([stable, canary].filter((deployment) => deployment !== undefined)),
        ...said,
      },
      now,
    ),
  }
}

/** What is said of one whose objects cannot be made: the rest stays as it was. */
export function refusedStatus(inference: Inference, said: Said, now: Date): OwnStatus {
  const { canary, ...own } = inference.status ?? {}
  const others = (own.conditions ?? []).filter(({ type }) => type !== 'Accepted')
  return {
    ...own,
    observedGeneration: inference.metadata.generation ?? 0,
    conditions: [...conditions(inference, { Accepted: said }, now), ...others],
  }
}

/** Whether the resource says so already. */
export function alreadySaid({ status = {} }: Inference, said: OwnStatus): boolean {
  const { canary, ...own } = status
  const ordered = ({ conditions = [], ...rest }: OwnStatus) => ({
    ...rest,
    conditions: conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1)),
  })
  return isDeepStrictEqual(ordered(own), ordered(said))
}
