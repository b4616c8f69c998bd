import { type Connection, isMissing } from './connection.ts'
import { Discovery, root, type Served } from './discovery.ts'
import type { Kind } from './kind.ts'
import { type Name, nameOfId, nameOfObject } from './object.ts'
import type { JsonObject } from './wire.ts'

/** The name under which the stand-in owns fields; the official provider's, so that a later change of hands is smooth. */
export const manager = 'pulumi-kubernetes'

export class UnknownKindError extends Error {
  readonly code = 'UNKNOWN_KIND'
}

/** Objects of one cluster, by kind and id. */
export class Cluster {
  readonly connection: Connection
  readonly discovery: Discovery
  /** Where objects go that name no namespace. */
  readonly namespace: string

  constructor(connection: Connection, namespace: string) {
    this.connection = connection
    this.discovery = new Discovery(connection)
    this.namespace = namespace
  }

  async served(kind: Kind, signal?: AbortSignal): Promise<Served> {
    const served = await this.discovery.find(kind, signal)
    if (!served)
      throw new UnknownKindError(
        `The cluster knows no kind '${kind.kind}' in '${kind.apiVersion}'. If a CustomResourceDefinition brings it, let the object depend on it.`,
      )
    return served
  }

  async path(kind: Kind, { namespace, name }: Name, signal?: AbortSignal): Promise<string> {
    const { plural, namespaced } = await this.served(kind, signal)
    const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace ?? this.namespace)}` : ''
    return `${root(kind.apiVersion)}${scope}/${plural}/${encodeURIComponent(name)}`
  }

  /** The live object; undefined where there is none, or none of its kind. */
  async get(kind: Kind, id: string, signal?: AbortSignal): Promise<JsonObject | undefined> {
    if (!(await this.discovery.find(kind, signal))) return undefined
    try {
      return await this.connection.send({ path: await this.path(kind, nameOfId(id), signal), signal })
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Server-side apply: makes the object or changes the fields that we own, by force. A dry run answers what it would become. */
  async apply(
    kind: Kind,
    object: JsonObject,
    options: {
      readonly dryRun: boolean
      readonly signal?: AbortSignal | undefined
      readonly onWarning?: (text: string) => void
    },
  ): Promise<JsonObject> {
    return this.connection.send({
      method: 'PATCH',
      path: await this.path(kind, nameOfObject(object), options.signal),
      query: {
        fieldManager: manager,
        force: 'true',
        // An unknown field is a mistake: it would be dropped in silence.
        fieldValidation: 'Strict',
        ...(options.dryRun ? { dryRun: 'All' } : {}),
      },
      contentType: 'application/apply-patch+yaml',
      body: object,
      signal: options.signal,
      onWarning: options.onWarning,
    })
  }

  /** Objects of a kind in a namespace that carry labels. */
  async select(kind: Kind, namespace: string, labelSelector: string, signal?: AbortSignal): Promise<JsonObject[]> {
    const { plural } = await this.served(kind, signal)
    const list = await this.connection.send({
      path: `${root(kind.apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
      query: { labelSelector },
      signal,
    })
    return (Array.isArray(list.items) ? list.items : []) as JsonObject[]
  }
}
