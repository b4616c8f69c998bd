import { createHash } from 'node:crypto'
import type { InferenceRegion } from '../../../../policies/model/inference-region.ts'
import type { KubeObject, OwnerReference } from '../api/object.ts'
import type { Inference } from '../inference.ts'

/** Whose fields the operator's are. */
export const manager = 'neurodefender-operator'

/** What its objects are found by. */
export const inferenceLabel = 'neurodefender.io/inference'
const subsetLabel = 'neurodefender.io/subset'
/** Which model a Deployment and its pods carry. */
export const modelAnnotation = 'neurodefender.io/model'

export type Subset = 'stable' | 'canary'

export const subsetName = (name: string, subset: Subset): string => `${name}-${subset}`

/** The labels by which the pods of a resource, or of one of its subsets, are found. */
export const selectorOf = (name: string, subset?: Subset): Record<string, string> => ({
  [inferenceLabel]: name,
  ...(subset ? { [subsetLabel]: subset } : {}),
})

export const selectorText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')

/** 'name.namespace.svc.domain' */
export const hostOf = ({ metadata }: Inference, { domain }: InferenceRegion): string =>
  `${metadata.name}.${metadata.namespace}.svc.${domain}`

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10)

const ownerOf = ({ apiVersion, kind, metadata }: Inference): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** Whether an object was made for this very resource. */
export const owned = (object: KubeObject, { metadata }: Pick<Inference, 'metadata'>): boolean =>
  (object.metadata.ownerReferences ?? []).some(({ uid, controller }) => controller === true && uid === metadata.uid)

/** An object of a resource: its labels, and whose it is. */
export function objectOf(
  inference: Inference,
  region: InferenceRegion,
  of: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly subset?: Subset },
  rest: Readonly<Record<string, unknown>>,
  annotations?: Readonly<Record<string, string>>,
): KubeObject {
  const { apiVersion, kind, name, subset } = of
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: inference.metadata.namespace,
      labels: labelsOf(inference, region, subset),
      ...(annotations ? { annotations } : {}),
      ownerReferences: [ownerOf(inference)],
    },
    ...rest,
  }
}

/** Labels of an object, or of the pods of a subset. `name` says to the region's policies which service this is. */
export const labelsOf = ({ metadata }: Inference, { labels }: InferenceRegion, subset?: Subset) => ({
  ...labels,
  'app.kubernetes.io/name': 'ml-inference',
  'app.kubernetes.io/instance': metadata.name,
  'app.kubernetes.io/managed-by': manager,
  ...selectorOf(metadata.name, subset),
})
