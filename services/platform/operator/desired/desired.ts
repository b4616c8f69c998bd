import type { InferenceRegion } from '../../../../policies/model/inference-region.ts'
import type { Model } from '../../../../policies/model/ml-inference.ts'
import { services } from '../../../../policies/services.ts'
import { type ModelEntry, writeModelList } from '../../../common/inference/model-list.ts'
import type { KindName, KubeObject } from '../api/object.ts'
import type { Inference } from '../inference.ts'
import { type CanaryPlan, modelId } from '../plan.ts'
import { autoscaling } from './autoscaling.ts'
import { destinationRule, virtualService, type Weights } from './mesh.ts'
import { hashOf, modelAnnotation, objectOf, type Subset, selectorOf, subsetName } from './names.ts'
import { modelName, podTemplate } from './pods.ts'
import type { Said } from './said.ts'
import { sizingOf } from './sizing.ts'

/** What was seen of the world, beside the resource itself. */
export interface Observed {
  readonly plan: CanaryPlan
  /** Kinds of others that the API server knows now. */
  readonly serves: { readonly mesh: boolean; readonly keda: boolean }
  /** Those that stand in the VirtualService now; the initial ones when there is none. */
  readonly weights: Weights
}

export interface Desired {
  /** In the order in which they are made. */
  readonly objects: readonly KubeObject[]
  /** Conditions that follow from what is wanted alone. */
  readonly said: Readonly<Record<'Accelerated' | 'Sized' | 'Routed' | 'Autoscaled', Said>>
}

/** Kinds that the operator makes, in the order in which they are made; they go the other way round. */
export const madeKinds = [
  ...(['ConfigMap', 'Service', 'PodDisruptionBudget', 'Deployment'] as const),
  ...(['DestinationRule', 'VirtualService', 'ScaledObject'] as const),
] as const satisfies readonly KindName[]

export const meshKinds = ['DestinationRule', 'VirtualService'] as const satisfies readonly KindName[]

const { ports } = services['ml-inference']

/** What proxies of the mesh are to see on a port: requests at both entries, TLS of our own at the one for the platform. */
const protocols = { https: 'http', grpc: 'grpc', admin: 'tls' } as const

/** Everything that follows from a resource: a function of it, of the region and of what was observed, and of nothing else. */
export function desired(inference: Inference, region: InferenceRegion, observed: Observed): Desired {
  const { plan, serves, weights } = observed
  const sizing = sizingOf(inference, region)
  const subsets: readonly (readonly [subset: Subset, model: Model, replicas: number])[] = [
    ['stable', plan.stable, inference.spec.replicas],
    ...(plan.canary ? ([['canary', plan.canary.model, plan.canary.pods]] as const) : []),
  ]
  const perSubset = subsets.map(([subset, model, replicas]) => {
    const models = modelList(inference, region, subset, model)
    const template = { subset, modelId: modelId(model), models: models.metadata.name, sizing }
    return {
      models,
      budget: budget(inference, region, subset),
      deployment: deployment(inference, region, { subset, replicas, modelId: template.modelId }, template),
    }
  })
  const scaled = autoscaling(inference, region, { keda: serves.keda, model: modelName(inference, plan.stable) })
  return {
    objects: [
      ...perSubset.map(({ models }) => models),
      service(inference, region),
      ...perSubset.map((one) => one.budget),
      ...perSubset.map((one) => one.deployment),
      ...(serves.mesh ? [destinationRule(inference, region), virtualService(inference, region, weights)] : []),
      ...(scaled.object ? [scaled.object] : []),
    ],
    said: {
      Accelerated: sizing.accelerated,
      Sized: sizing.sized,
      Routed: serves.mesh
        ? { status: 'True', reason: 'Routed', message: 'The mesh shares the callers between the subsets.' }
        : {
            status: 'False',
            reason: 'NotInstalled',
            message:
              'Istio is not installed here: callers reach the pods by the Service alone, and no canary can get a share.',
          },
      Autoscaled: scaled.said,
    },
  }
}

/** The models of one subset. Its name follows from its content: pods of another list keep theirs until they are gone. */
function modelList(inference: Inference, region: InferenceRegion, subset: Subset, model: Model): KubeObject {
  const entry: ModelEntry = {
    name: modelName(inference, model),
    version: model.version,
    uri: new URL(model.uri),
    sha256: model.sha256,
    batching: {},
  }
  const text = writeModelList([entry])
  const name = `${subsetName(inference.metadata.name, subset)}-${hashOf(text)}`
  return objectOf(
    inference,
    region,
    { apiVersion: 'v1', kind: 'ConfigMap', name, subset },
    { immutable: true, data: { 'models.json': text } },
  )
}

/** One address for the pods of all subsets: routes of the mesh choose among them. */
function service(inference: Inference, region: InferenceRegion): KubeObject {
  const { name } = inference.metadata
  return objectOf(
    inference,
    region,
    { apiVersion: 'v1', kind: 'Service', name },
    {
      spec: {
        type: 'ClusterIP',
        selector: selectorOf(name),
        ports: Object.entries(ports).map(([port, number]) => ({
          name: port,
          port: number,
          targetPort: port,
          protocol: 'TCP',
          appProtocol: protocols[port as keyof typeof protocols],
        })),
      },
    },
  )
}

function budget(inference: Inference, region: InferenceRegion, subset: Subset): KubeObject {
  const { name } = inference.metadata
  return objectOf(
    inference,
    region,
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: subsetName(name, subset), subset },
    {
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: selectorOf(name, subset) },
        // A pod that never becomes ready must not keep a machine from being emptied.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
  )
}

function deployment(
  inference: Inference,
  region: InferenceRegion,
  of: { readonly subset: Subset; readonly replicas: number; readonly modelId: string },
  template: Parameters<typeof podTemplate>[2],
): KubeObject {
  const { name } = inference.metadata
  const { subset, replicas } = of
  return objectOf(
    inference,
    region,
    { apiVersion: 'apps/v1', kind: 'Deployment', name: subsetName(name, subset), subset },
    {
      spec: {
        replicas,
        revisionHistoryLimit: 2,
        selector: { matchLabels: selectorOf(name, subset) },
        // Never fewer pods that answer than there are to be.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: podTemplate(inference, region, template),
      },
    },
    { [modelAnnotation]: of.modelId },
  )
}
