import { at, fields, type GuardedResource, isGiven, items, mayBe, unknown } from './resource.ts'

/** Kind of an object of Kubernetes: 'Deployment'; undefined for any other resource. */
export const kindOf = ({ type }: Pick<GuardedResource, 'type'>): string | undefined =>
  type.startsWith('kubernetes:') ? type.split(':')[2] : undefined

/** Group without version: 'apps', 'keda.sh', 'core'. */
export const groupOf = ({ type }: GuardedResource): string => (type.split(':')[1] ?? '').split('/')[0] ?? ''

export const namespaceOf = ({ props }: GuardedResource): string => String(at(props, 'metadata', 'namespace') ?? '')
export const objectName = ({ props }: GuardedResource): string => String(at(props, 'metadata', 'name') ?? '')

/** All objects of a kind, of one group where another has the same kind. */
export const ofKind = (
  resources: readonly GuardedResource[],
  kind: string,
  group?: string,
): readonly GuardedResource[] =>
  resources.filter((one) => kindOf(one) === kind && (group === undefined || groupOf(one) === group))

type Path = readonly (string | number)[]

/** Where each kind keeps its template. */
const single: Readonly<Record<string, Path>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
}

/** Kinds from which an operator makes pods: the list, and where in an item the template is. */
const listed: Readonly<Record<string, { readonly list: Path; readonly template: Path }>> = {
  Elasticsearch: { list: ['spec', 'nodeSets'], template: ['podTemplate'] },
  ClickHouseInstallation: { list: ['spec', 'templates', 'podTemplates'], template: [] },
  ClickHouseKeeperInstallation: { list: ['spec', 'templates', 'podTemplates'], template: [] },
}

/** What a resource starts pods from. */
export interface PodTemplate {
  readonly owner: GuardedResource
  readonly kind: string
  readonly path: Path
  readonly labels: Readonly<Record<string, unknown>>
  readonly spec: unknown
}

/** The pods that a resource starts, itself or through its operator; none of what starts none. */
export function podsOf(owner: GuardedResource): readonly PodTemplate[] {
  const kind = kindOf(owner)
  if (kind === undefined) return []
  const { list, template } = listed[kind] ?? {}
  const own = single[kind]
  const paths: readonly Path[] =
    list && template ? items(at(owner.props, ...list)).map((_, i) => [...list, i, ...template]) : own ? [own] : []
  return paths.map((path) => ({
    owner,
    kind,
    path: [...path, 'spec'],
    labels: Object.fromEntries(fields(at(owner.props, ...path, 'metadata', 'labels'))),
    spec: at(owner.props, ...path, 'spec'),
  }))
}

/** One container of a pod. */
export interface Container {
  readonly container: unknown
  readonly path: Path
  /** Ends before the pod is ready, so it has no probes. */
  readonly init: boolean
}

/** The containers of a pod, with those that run before it is ready. */
export const containersOf = ({ spec, path }: PodTemplate): readonly Container[] =>
  (['initContainers', 'containers'] as const).flatMap((list) =>
    items(at(spec, list)).map((container, i) => ({
      container,
      path: [...path, list, i],
      // A sidecar is an init container that stays.
      init: list === 'initContainers' && at(container, 'restartPolicy') !== 'Always',
    })),
  )

/** Whether a label selector picks pods with these labels. One that names nothing picks all. */
export const selects = (selector: unknown, labels: Readonly<Record<string, unknown>>): boolean =>
  isGiven(selector) &&
  !isGiven(at(selector, 'matchExpressions')) &&
  fields(at(selector, 'matchLabels')).every(([key, value]) => value === unknown || mayBe(labels[key], value))

/** A quantity of Kubernetes in its base unit: '250m' → 0.25, '2Gi' → 2 ** 31. NaN for what is none. */
export function quantity(value: unknown): number {
  if (typeof value === 'number') return value
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(value))
  const units = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }
  return match ? Number(match[1]) * (match[2] ? units[match[2] as keyof typeof units] : 1) : Number.NaN
}
