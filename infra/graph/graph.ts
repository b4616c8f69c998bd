/** A value that the program does not know before the cloud answers. */
export const unknown = '<known after apply>'
/** A value that the program calls secret. */
export const hidden = '<secret>'

/** One resource as a program registered it: what Pulumi's engine would be told. */
export interface GraphResource {
  readonly urn: string
  /** 'aws:ec2/vpc:Vpc' */
  readonly type: string
  readonly name: string
  /** URN of the component that it belongs to. */
  readonly parent?: string
  /** URN of the provider that makes it. Absent: the default one of its package, or none. */
  readonly provider?: string
  /** A component only groups others and makes nothing itself. */
  readonly custom: boolean
  /** Plain JSON; secrets and what is not known yet are the texts above. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** URNs of the resources that must stand before, by reference or by `dependsOn`. */
  readonly dependencies: readonly string[]
  readonly protect: boolean
  readonly retainOnDelete: boolean
  readonly ignoreChanges: readonly string[]
}

/** Everything that one stack consists of. */
export interface StackGraph {
  readonly stack: string
  readonly resources: readonly GraphResource[]
  readonly outputs: Readonly<Record<string, unknown>>
}
