import { isAutonamed } from './check.ts'
import { type Cluster, manager } from './cluster.ts'
import { ApiError } from './connection.ts'
import { type Change, changes, effect } from './diff.ts'
import { withoutIgnored } from './ignore.ts'
import type { Kind } from './kind.ts'
import { idOf, manifest, nameOfObject } from './object.ts'
import { refusedFields, refusedForGood, replacing } from './replacement.ts'
import { begins, format, type JsonObject, type Path } from './wire.ts'

export interface PlannedChange extends Change {
  readonly replaces: boolean
  /** The program changed it; otherwise the cluster differs from what the program has asked for all along. */
  readonly isInput: boolean
}

/** What an update would do. No changes: nothing. */
export interface Plan {
  readonly changes: readonly PlannedChange[]
  readonly deleteBeforeReplace: boolean
  /** The object is not in the cluster any more: an update makes it again. */
  readonly isGone: boolean
}

export interface Wish {
  readonly kind: Kind
  readonly id: string
  readonly oldInputs: JsonObject
  readonly inputs: JsonObject
  readonly ignoreChanges: readonly string[]
  /** Whether all inputs are known; a dry run needs them. */
  readonly isKnown: boolean
}

/** Asks the server, by a dry run, what applying the inputs would change. Throws ApiError when it would refuse them. */
export async function plan(cluster: Cluster | undefined, wish: Wish, signal?: AbortSignal): Promise<Plan> {
  const { kind, id, oldInputs, inputs } = wish
  const asked = changes(oldInputs, inputs).filter((change) => !isIgnored(change.path, wish.ignoreChanges))
  const deleteBeforeReplace = !isAutonamed(inputs) && idOf(nameOfObject(inputs)) === id
  const isInput = (path: Path) => asked.some((change) => begins(change.path, path) || begins(path, change.path))
  const planned = (changed: readonly Change[], replaced: readonly Change[]): Plan => ({
    changes: changed.map((change) => ({
      ...change,
      replaces: replaced.some(({ path }) => begins(change.path, path) || begins(path, change.path)),
      isInput: isInput(change.path),
    })),
    deleteBeforeReplace,
    isGone: false,
  })
  if (!cluster || !wish.isKnown) return planned(asked, replacing(kind, asked))

  const live = await cluster.get(kind, id, signal)
  if (!live) {
    const all = Object.keys(inputs).map(
      (key): PlannedChange => ({ path: [key], kind: 'add', replaces: false, isInput: false }),
    )
    const moved = replacing(kind, asked)
    return moved.length > 0 ? planned(asked, moved) : { changes: all, deleteBeforeReplace, isGone: true }
  }
  // A field that the table calls immutable is compared with the live object: the server may hold the new value already.
  const wanted = withoutIgnored(manifest(kind, inputs), live, wish.ignoreChanges, manager)
  const fixed = replacing(kind, asked).filter(({ path }) => !isSettled(path, wanted, live))
  if (fixed.length > 0) return planned(asked, fixed)
  try {
    const changed = effect(live, await cluster.apply(kind, wanted, { dryRun: true, signal }))
    return planned(changed, [])
  } catch (error) {
    if (!(error instanceof ApiError) || !refusedForGood(error) || asked.length === 0) throw error
    const fields = refusedFields(error)
    const refused = asked.filter(({ path }) => fields.some((field) => begins(path, field) || begins(field, path)))
    return planned(asked, refused.length > 0 ? refused : asked)
  }
}

const isSettled = (path: Path, wanted: JsonObject, live: JsonObject): boolean => {
  const value = (object: JsonObject) =>
    path.reduce<unknown>((here, step) => (here as JsonObject | undefined)?.[step], object)
  return value(wanted) !== undefined && JSON.stringify(value(wanted)) === JSON.stringify(value(live))
}

const isIgnored = (path: Path, patterns: readonly string[]): boolean => {
  const text = format(path)
  return patterns.some(
    (pattern) => text === pattern || text.startsWith(`${pattern}.`) || text.startsWith(`${pattern}[`),
  )
}
