import { type Connection, isMissing } from './connection.ts'
import type { Kind } from './kind.ts'
import { isObject } from './wire.ts'

/** A kind as the server serves it. */
export interface Served {
  /** The path segment: `deployments`. */
  readonly plural: string
  readonly namespaced: boolean
}

/** What the server serves, asked once for each group version; a kind that was missing is asked for again. */
export class Discovery {
  readonly #connection: Connection
  readonly #groups = new Map<string, Promise<ReadonlyMap<string, Served>>>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The kind, or undefined where the server has none such (a custom resource whose definition is not there yet). */
  async find({ apiVersion, kind }: Kind, signal?: AbortSignal): Promise<Served | undefined> {
    const known = (await this.#group(apiVersion, signal)).get(kind)
    if (known) return known
    this.#groups.delete(apiVersion)
    return (await this.#group(apiVersion, signal)).get(kind)
  }

  #group(apiVersion: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Served>> {
    let group = this.#groups.get(apiVersion)
    if (!group) {
      group = this.#fetch(apiVersion, signal)
      this.#groups.set(apiVersion, group)
      group.catch(() => this.#groups.delete(apiVersion))
    }
    return group
  }

  async #fetch(apiVersion: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Served>> {
    const kinds = new Map<string, Served>()
    try {
      const list = await this.#connection.send({ path: root(apiVersion), signal })
      for (const item of Array.isArray(list.resources) ? list.resources : [])
        if (isObject(item) && !String(item.name).includes('/'))
          kinds.set(String(item.kind), { plural: String(item.name), namespaced: item.namespaced === true })
    } catch (error) {
      if (!isMissing(error)) throw error
    }
    return kinds
  }
}

export const root = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
