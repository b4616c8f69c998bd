/** A value that nobody knows before the cloud answers. The same text as in a recorded graph. */
export const unknown = '<known after apply>'

/** One resource as a rule sees it: what Pulumi's engine is told, or what an object of Kubernetes says. */
export interface GuardedResource {
  readonly urn: string
  /** 'aws:eks/cluster:Cluster', 'kubernetes:apps/v1:Deployment', 'kubernetes:keda.sh/v1alpha1:ScaledObject' */
  readonly type: string
  readonly name: string
  /** Plain JSON; what is not known yet is the text above. */
  readonly props: Readonly<Record<string, unknown>>
  /** What the program says beside the inputs. Absent: the caller cannot tell, so no rule may object. */
  readonly protect?: boolean
  readonly retainOnDelete?: boolean
  readonly ignoreChanges?: readonly string[]
  /** URNs of what must stand before. */
  readonly dependencies: readonly string[]
  readonly parent?: string
  /** URN of the provider that makes it: two clusters may each have an object of one name. */
  readonly provider?: string
}

type Key = string | number

const within = (value: unknown, key: Key): unknown => {
  if (value === unknown) return unknown
  return value !== null && typeof value === 'object' && Object.hasOwn(value, key)
    ? (value as Record<Key, unknown>)[key]
    : undefined
}

/** The value at a path; undefined where there is none, `unknown` below what is not known yet. */
export const at = (value: unknown, ...path: readonly Key[]): unknown => path.reduce(within, value)

/** The items of a list; none of what is no list. */
export const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The fields of an object; none of what is no object. */
export const fields = (value: unknown): readonly (readonly [string, unknown])[] =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : []

/** Whether a value is there, or may be: nobody knows yet. */
export const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)

/** Whether a value is this, or may be: nobody knows yet. */
export const mayBe = (value: unknown, wanted: unknown): boolean => value === wanted || value === unknown

/** Whether a list holds an item, or may. */
export const mayHold = (list: unknown, wanted: unknown): boolean =>
  list === unknown || items(list).some((item) => mayBe(item, wanted))

/** `vpcConfig.subnetIds[0]` */
export const pathText = (path: readonly Key[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('')

/** Whether `from` names `to`: it cannot be made before it. */
export const refersTo = (from: GuardedResource, to: GuardedResource): boolean => from.dependencies.includes(to.urn)
