import type { BuiltFrom, ImageLock } from '../../stacks/images.ts'

const parts = { program: 'its program', node: 'Node', base: 'the Debian files beneath' } as const satisfies Record<
  keyof BuiltFrom,
  string
>

/** How a lock differs from what the sources of this checkout would make, one sentence for each image that does. */
export function sourceDifferences(lock: ImageLock, sources: Readonly<Record<string, BuiltFrom>>): readonly string[] {
  const names = [...new Set([...Object.keys(sources), ...Object.keys(lock)])].sort()
  return names.flatMap((name) => {
    const [locked, wanted] = [lock[name]?.builtFrom, sources[name]]
    if (!wanted) return [`'${name}' is locked, and no program of that name is an image any more.`]
    if (!locked) return [`'${name}' is not locked.`]
    const changed = (Object.keys(parts) as (keyof BuiltFrom)[]).filter((part) => locked[part] !== wanted[part])
    return changed.length > 0 ? [`'${name}' has changed: ${changed.map((part) => parts[part]).join(', ')}.`] : []
  })
}

/** Images whose build has another digest than the lock says. */
export const digestDifferences = (
  lock: ImageLock,
  built: readonly { readonly name: string; readonly digest: string }[],
): readonly string[] =>
  built.flatMap(({ name, digest }) => {
    const locked = lock[name]?.digest
    return locked === digest ? [] : [`'${name}' is ${digest}; the lock says ${locked ?? 'nothing of it'}.`]
  })
