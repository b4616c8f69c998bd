import type { Changes } from '../../checks/testing/change.ts'
import { guardedManifest, type ManifestLike } from '../manifests.ts'
import type { GuardedResource } from '../model/resource.ts'

/** Resources that keep a rule, and resources that break it with every sentence that it must say; a pattern where a policy's number stands in it. */
export interface Fixture {
  readonly good: readonly (readonly GuardedResource[])[]
  readonly bad: readonly {
    readonly resources: readonly GuardedResource[]
    readonly says: readonly (string | RegExp)[]
  }[]
  /** The stack that they are. Default: a part of one. */
  readonly stack?: string
  /** New values of policies, by path. Default: those in force. */
  readonly changes?: Changes
}

type Options = Partial<Pick<GuardedResource, 'protect' | 'retainOnDelete' | 'ignoreChanges'>> & {
  readonly needs?: readonly GuardedResource[]
}

const option = ({ needs = [], ...rest }: Options) => ({ ...rest, dependencies: needs.map(({ urn }) => urn) })

/** A resource of the cloud: `cloud('eks/cluster:Cluster', 'main', {…})`. */
export const cloud = (type: string, name: string, props: object = {}, options: Options = {}): GuardedResource => ({
  urn: `urn:pulumi:prod-us-east-1::neurodefender::aws:${type}::${name}`,
  type: `aws:${type}`,
  name,
  props: props as GuardedResource['props'],
  ...option(options),
})

/** An object of Kubernetes: `object('apps/v1', 'Deployment', 'siem/web', { spec: {…} })`. */
export function object(
  apiVersion: string,
  kind: string,
  place: string,
  rest: object = {},
  options: Options = {},
): GuardedResource {
  const [namespace, name] = place.includes('/') ? place.split('/') : [undefined, place]
  const { metadata, ...fields } = rest as { metadata?: object }
  const manifest = { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...metadata }, ...fields }
  return { ...guardedManifest(manifest as ManifestLike), ...option(options) }
}

interface Workload {
  readonly kind?: string
  readonly replicas?: number
  readonly labels?: object
  readonly pod?: object
  readonly container?: object
  readonly options?: Options
}

/** A Deployment, or another workload, of one container. */
export const workload = (place: string, { kind, replicas = 2, labels, pod, container, options }: Workload = {}) =>
  object(
    kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind ?? 'Deployment',
    place,
    {
      spec: {
        replicas,
        template: {
          metadata: { labels: { app: place.split('/')[1], ...labels } },
          spec: { ...pod, containers: [{ name: 'main', ...container }] },
        },
      },
    },
    options,
  )
