/** What every object of the API has. */
export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

/** Every kind that the operator speaks of, and how its path is spelled. */
export const kinds = {
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps' },
  Pod: { apiVersion: 'v1', plural: 'pods' },
  Service: { apiVersion: 'v1', plural: 'services' },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments' },
  DestinationRule: { apiVersion: 'networking.istio.io/v1', plural: 'destinationrules' },
  Event: { apiVersion: 'events.k8s.io/v1', plural: 'events' },
  Lease: { apiVersion: 'coordination.k8s.io/v1', plural: 'leases' },
  MLInference: { apiVersion: 'neurodefender.io/v1', plural: 'mlinferences' },
  PodDisruptionBudget: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
  ScaledObject: { apiVersion: 'keda.sh/v1alpha1', plural: 'scaledobjects' },
  VirtualService: { apiVersion: 'networking.istio.io/v1', plural: 'virtualservices' },
} as const satisfies Record<string, { readonly apiVersion: string; readonly plural: string }>

export type KindName = keyof typeof kinds

/** One object by its name. */
export interface Ref {
  readonly kind: KindName
  readonly namespace: string
  readonly name: string
}

export const refOf = (object: KubeObject): Ref => ({
  kind: object.kind as KindName,
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
})

/** The path of all objects of a kind in a namespace. */
export function collection(kind: KindName, namespace: string): string {
  const { apiVersion, plural } = kinds[kind]
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/namespaces/${namespace}/${plural}`
}

export const pathOf = ({ kind, namespace, name }: Ref, subresource?: string): string =>
  `${collection(kind, namespace)}/${name}${subresource ? `/${subresource}` : ''}`

/** 'namespace/name': how the queue and the stores know an object. */
export const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

export function parseKey(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}
