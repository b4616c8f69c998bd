import { Builder } from './build/builder.ts'
import type { BuiltVariant, Variant } from './build/built.ts'
import { Pool } from './build/pool.ts'
import { Checkouts, workingTree } from './build/revision.ts'
import { makeReport, type Report } from './report/report.ts'
import { tracesOf } from './scaling/effects.ts'

export interface PreviewOptions {
  /** A clone of this repository with its packages installed. */
  readonly repository: string
  readonly base: string
  /** Default: the working tree. */
  readonly head?: string
  /** A trace of the user's own, in place of those that the project carries. */
  readonly trace?: string
  readonly signal?: AbortSignal
  readonly tell?: (side: 'base' | 'head' | 'both', doing: string) => void
}

/** Builds both revisions, each in a process of its own, and compares them. Leaves nothing behind. */
export async function preview({
  repository,
  base,
  head,
  trace,
  signal,
  tell = () => {},
}: PreviewOptions): Promise<Report> {
  const traces = tracesOf(trace)
  const checkouts = new Checkouts(repository)
  const builders: Builder[] = []
  const start = (revision: ConstructorParameters<typeof Builder>[0], side: 'base' | 'head') => {
    const builder = new Builder(revision, (doing) => tell(side, doing), signal)
    builders.push(builder)
    return builder
  }
  try {
    const [old, now] = await Promise.all([
      checkouts.at(base, signal),
      head === undefined ? workingTree(repository) : checkouts.at(head, signal),
    ])
    const before = start(old, 'base')
    const after = start(now, 'head')
    const [was, is] = await Promise.all([before.build(), after.build()])
    before.close()
    const pool = new Pool<Builder>()
    pool.join(after)
    let asked = 0
    const rebuild = (variant: Variant): Promise<BuiltVariant> => {
      // A second process is worth its start where several variants wait.
      if (++asked === 3) pool.join(start(now, 'head'))
      return pool.run((builder) => {
        const [first] = variant.without
        tell('both', `what follows from ${first?.keys.join('.')}${variant.without.length > 1 ? ' and others' : ''}`)
        return builder.variant(variant)
      })
    }
    const sides = { base: { revision: old, built: was }, head: { revision: now, built: is } }
    return await makeReport(sides, rebuild, traces)
  } finally {
    for (const builder of builders) builder.close()
    checkouts.clear()
  }
}
