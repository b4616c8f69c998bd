import { type Checked, check } from './check.ts'
import { type Cluster, manager, UnknownKindError } from './cluster.ts'
import { ConfigurationError, open, type Settings, settings } from './config.ts'
import { ApiError, isMissing, pause, UnreachableError } from './connection.ts'
import { remove } from './delete.ts'
import { effect } from './diff.ts'
import type { Engine } from './engine.ts'
import { isOurs, withoutIgnored } from './ignore.ts'
import { type Kind, kindOf, nameOf, typeOf } from './kind.ts'
import { annotation, describe, drifted, idOf, inputsOf, manifest, metadataOf, nameOfObject, outputs } from './object.ts'
import { type Plan, plan } from './plan.ts'
import { refusedForGood } from './replacement.ts'
import { redact } from './secret.ts'
import { defaultTimeout, NotReadyError, waitReady } from './wait.ts'
import { clone, format, isObject, type JsonObject, type Properties, unknown } from './wire.ts'

/** What every call about one resource carries. */
export interface Resource {
  readonly urn: string
  readonly inputs: Properties
  /** Seconds from the program's customTimeouts; 0: the default. */
  readonly timeout: number
}

/** The object exists, and did not become what it should: the engine keeps it in its state and goes on from there. */
export class PartialError extends Error {
  readonly code = 'PARTIAL'
  readonly id: string
  readonly live: JsonObject
  readonly reasons: readonly string[]

  constructor(id: string, live: JsonObject, reasons: readonly string[]) {
    super(reasons.join('\n'))
    this.id = id
    this.live = live
    this.reasons = reasons
  }
}

class RefusedError extends Error {
  readonly code = 'REFUSED'
}

/** How long an apply is tried again while its namespace or its definition settles, in milliseconds. */
const settling = 10_000

/** The life of single Kubernetes objects. Knows nothing of gRPC. */
export class KubernetesProvider {
  #settings: Settings | undefined
  #cluster: Cluster | undefined
  readonly #cancelled = new AbortController()
  readonly #engine: () => Engine | undefined

  constructor(engine: () => Engine | undefined) {
    this.#engine = engine
  }

  configure(properties: Properties): void {
    this.#settings = settings(properties)
    if (!this.#settings.isUnknown) this.#cluster = open(this.#settings)
  }

  cancel(): void {
    this.#cancelled.abort(new Error('cancelled'))
  }

  async check(urn: string, olds: Properties, news: Properties, seed: Uint8Array): Promise<Checked> {
    return check(kindOf(typeOf(urn)), { name: nameOf(urn), seed }, olds.value, news.value, this.#cluster)
  }

  async diff(resource: Resource, id: string, oldInputs: Properties, ignoreChanges: readonly string[]): Promise<Plan> {
    const kind = kindOf(typeOf(resource.urn))
    const { value, unknowns } = resource.inputs
    const planned = await this.#clean(resource, () =>
      plan(
        this.#cluster,
        { kind, id, oldInputs: oldInputs.value, inputs: value, ignoreChanges, isKnown: unknowns.length === 0 },
        this.#cancelled.signal,
      ),
    )
    if (planned.isGone)
      this.#engine()?.warn(`${describe(kind, id)} is not in the cluster any more: it will be made again.`, resource.urn)
    const drift = planned.changes.filter((change) => !change.isInput && !planned.isGone)
    if (drift.length > 0)
      this.#engine()?.info(
        `${describe(kind, id)} differs in the cluster from what is asked for: ${drift.map(({ path }) => format(path)).join(', ')}`,
        resource.urn,
      )
    return planned
  }

  async create(resource: Resource, preview: boolean): Promise<{ id: string; live: JsonObject }> {
    const kind = kindOf(typeOf(resource.urn))
    const id = idOf(nameOfObject(resource.inputs.value))
    if (preview) return { id: '', live: await this.#clean(resource, () => this.#foresee(kind, id, resource)) }
    const cluster = this.#need()
    await this.#clean(resource, () => this.#vacate(cluster, kind, id, resource))
    return { id, live: await this.#apply(cluster, kind, id, resource, manifest(kind, resource.inputs.value)) }
  }

  async update(
    resource: Resource,
    id: string,
    ignoreChanges: readonly string[],
    preview: boolean,
  ): Promise<JsonObject> {
    const kind = kindOf(typeOf(resource.urn))
    const object = manifest(kind, resource.inputs.value)
    if (preview) return this.#clean(resource, () => this.#foresee(kind, id, resource, ignoreChanges))
    const cluster = this.#need()
    const live = await this.#clean(resource, () => cluster.get(kind, id, this.#cancelled.signal))
    const wanted = live ? withoutIgnored(object, live, ignoreChanges, manager) : object
    return this.#apply(cluster, kind, id, resource, wanted)
  }

  /** The object as it is, and its inputs with what someone else changed; undefined where it is gone. */
  async read(resource: Resource, id: string): Promise<{ live: JsonObject; inputs: JsonObject } | undefined> {
    const kind = kindOf(typeOf(resource.urn))
    const inputs = resource.inputs.value
    try {
      const cluster = this.#need()
      const live = await cluster.get(kind, id, this.#cancelled.signal)
      if (!live) return undefined
      if (Object.keys(inputs).length === 0) return { live: outputs(live), inputs: inputsOf(live) }
      const dryRun = await cluster.apply(kind, manifest(kind, inputs), { dryRun: true }).catch(() => live)
      const paths = effect(live, dryRun).map((change) => change.path)
      return { live: outputs(live), inputs: drifted(inputs, live, paths) }
    } catch (error) {
      if (this.#isGoneWithCluster(error, kind, id, resource.urn)) return undefined
      throw this.#cleaned(error, resource)
    }
  }

  async delete(resource: Resource, id: string): Promise<void> {
    const kind = kindOf(typeOf(resource.urn))
    try {
      await remove(this.#need(), {
        kind,
        id,
        timeout: resource.timeout > 0 ? resource.timeout * 1_000 : defaultTimeout(kind),
        signal: this.#cancelled.signal,
        progress: this.#progress(kind, id, resource.urn),
      })
    } catch (error) {
      if (!this.#isGoneWithCluster(error, kind, id, resource.urn)) throw this.#cleaned(error, resource)
    }
  }

  /** What an apply would make, as far as it can be known before: for a preview. */
  async #foresee(kind: Kind, id: string, { inputs }: Resource, ignoreChanges?: readonly string[]): Promise<JsonObject> {
    const isUpdate = ignoreChanges !== undefined
    const guess = clone(inputs.value)
    const cluster = this.#cluster
    let result: JsonObject | undefined
    if (cluster && inputs.unknowns.length === 0 && (await cluster.discovery.find(kind))) {
      const live = await cluster.get(kind, id)
      if (live && !isUpdate) this.#refuseForeign(kind, id, live)
      const object = manifest(kind, inputs.value)
      try {
        const wanted = isUpdate && live ? withoutIgnored(object, live, ignoreChanges, manager) : object
        result = outputs(await cluster.apply(kind, wanted, { dryRun: true }))
      } catch (error) {
        // Its namespace comes with the same update, or what stands there now will be gone by then.
        if (!isMissing(error) && !(error instanceof ApiError && refusedForGood(error))) throw error
      }
    }
    if (result && isUpdate) return result
    const foreseen = { ...guess, ...result }
    const metadata = { ...metadataOf(foreseen) }
    for (const key of ['uid', 'resourceVersion', 'generation', 'creationTimestamp']) metadata[key] = unknown
    foreseen.status = unknown
    if (isObject(foreseen.metadata)) foreseen.metadata = metadata
    if (kind.kind === 'Service' && kind.apiVersion === 'v1' && isObject(foreseen.spec)) {
      const asked = isObject(inputs.value.spec) ? inputs.value.spec : {}
      foreseen.spec = {
        ...foreseen.spec,
        clusterIP: asked.clusterIP ?? unknown,
        clusterIPs: asked.clusterIPs ?? unknown,
      }
    }
    return foreseen
  }

  /** Makes sure that the name is free, or ours from an earlier run that was interrupted. */
  async #vacate(cluster: Cluster, kind: Kind, id: string, resource: Resource): Promise<void> {
    const live = await cluster.get(kind, id, this.#cancelled.signal)
    if (!live) return
    if (metadataOf(live).deletionTimestamp !== undefined) {
      this.#progress(kind, id, resource.urn)('waiting for its predecessor to end')
      await remove(cluster, {
        kind,
        id,
        timeout: this.#timeout(kind, resource),
        signal: this.#cancelled.signal,
        progress: this.#progress(kind, id, resource.urn),
      })
    } else this.#refuseForeign(kind, id, live)
  }

  #refuseForeign(kind: Kind, id: string, live: JsonObject): void {
    if (this.#settings?.upsertExistingObjects || isOurs(live, manager) || metadataOf(live).deletionTimestamp) return
    throw new RefusedError(
      `${describe(kind, id)} exists already and was not made by Pulumi. Import it (the 'import' resource option), delete it, or set the provider's 'upsertExistingObjects'.`,
    )
  }

  async #apply(cluster: Cluster, kind: Kind, id: string, resource: Resource, object: JsonObject): Promise<JsonObject> {
    const { signal } = this.#cancelled
    const applied = await this.#clean(resource, () =>
      this.#settled(() => cluster.apply(kind, object, { dryRun: false, signal })),
    )
    try {
      const progress = this.#progress(kind, id, resource.urn)
      const wait = { kind, id, timeout: this.#timeout(kind, resource), signal, progress }
      return outputs(await waitReady(cluster, wait, applied))
    } catch (error) {
      const { value, secrets } = resource.inputs
      const live = error instanceof NotReadyError ? error.live : applied
      const reasons = error instanceof NotReadyError ? error.reasons : [(error as Error).message]
      const said = reasons.map((reason) => redact(reason, kind, value, secrets))
      throw new PartialError(id, outputs(live), said)
    }
  }

  /** Tries again while a namespace or a definition that was made a moment ago is not served everywhere. */
  async #settled<T>(body: () => Promise<T>): Promise<T> {
    const start = performance.now()
    for (;;) {
      try {
        return await body()
      } catch (error) {
        if (!(error instanceof UnknownKindError || isMissing(error)) || performance.now() - start > settling)
          throw error
        await pause(500, this.#cancelled.signal)
      }
    }
  }

  #progress(kind: Kind, id: string, urn: string): (what: string) => void {
    return (what) => this.#engine()?.progress(`${describe(kind, id)}: ${what}`, urn)
  }

  #timeout(kind: Kind, { timeout, inputs }: Resource): number {
    const annotated = Number(annotation(inputs.value, 'pulumi.com/timeoutSeconds') ?? 0)
    return (timeout || annotated) > 0 ? (timeout || annotated) * 1_000 : defaultTimeout(kind)
  }

  #need(): Cluster {
    if (!this.#cluster)
      throw new ConfigurationError(
        'The cluster that this object belongs to is not known yet: its kubeconfig is an output of a resource that does not exist.',
      )
    return this.#cluster
  }

  #isGoneWithCluster(error: unknown, kind: Kind, id: string, urn: string): boolean {
    if (!(error instanceof UnreachableError) || !this.#settings?.deleteUnreachable) return false
    this.#engine()?.warn(`${describe(kind, id)} counts as gone: ${error.message} ('deleteUnreachable' is set.)`, urn)
    return true
  }

  async #clean<T>(resource: Resource, body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      throw this.#cleaned(error, resource)
    }
  }

  /** The error without the secrets that the server quoted, and with the object that it is about. */
  #cleaned(error: unknown, { urn, inputs }: Resource): unknown {
    if (!(error instanceof ApiError)) return error
    const kind = kindOf(typeOf(urn))
    const said = redact(error.message, kind, inputs.value, inputs.secrets)
    return new RefusedError(`The API server refuses ${describe(kind, idOf(nameOfObject(inputs.value)))}: ${said}`)
  }
}
