import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { synthesize } from '../../../infra/kubernetes/synthesize.ts'
import type { testContext } from '../../../infra/kubernetes/test/context.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { binds, checkAll } from '../../../policies/checks/index.ts'
import type { judge } from '../../../policies/guardrails/judge.ts'
import type { cloudStacks } from '../../../stacks/names.ts'
import { type Judge, judgeBy, noVerdicts } from './guardrails.ts'

/** A stack's program, under other policies than those in force where some are given. */
export type ProgramOf = (stack: string, policies?: Policies) => () => Promise<Record<string, unknown>>

/** What the tool uses of a revision. An older revision lacks some of it, and is built as far as it goes. */
export interface Modules {
  readonly policies: Policies
  readonly checkAll: typeof checkAll
  readonly binds: typeof binds
  readonly cloudStacks: typeof cloudStacks
  readonly programOf: ProgramOf | undefined
  readonly synthesize: typeof synthesize | undefined
  readonly context: typeof testContext | undefined
  /** Throws where the revision has a policy pack that does not load. */
  readonly judge: Judge
}

/** Loads a revision's own code from its folder. Throws what a module throws: a revision whose policies do not load has no preview. */
export async function loadModules(folder: string): Promise<Modules> {
  const load = async <T extends object>(path: string): Promise<Partial<T>> =>
    existsSync(join(folder, path)) ? await import(pathToFileURL(join(folder, path)).href) : {}
  const { policies } = await load<{ policies: Policies }>('policies/bundle.ts')
  if (!policies) throw new Error('There is no policies/bundle.ts in this revision: it is not one of Neurodefender.')
  const checks = await load<{ checkAll: typeof checkAll; binds: typeof binds }>('policies/checks/index.ts')
  const names = await load<{ cloudStacks: typeof cloudStacks }>('stacks/names.ts')
  const index = names.cloudStacks ? await load<{ programOf: ProgramOf }>('stacks/index.ts') : {}
  const charts = await load<{ synthesize: typeof synthesize }>('infra/kubernetes/synthesize.ts')
  const contexts = await load<{ testContext: typeof testContext }>('infra/kubernetes/test/context.ts')
  const pack = await load<{ judge: typeof judge }>('policies/guardrails/judge.ts').catch((error: Error) => error)
  return {
    policies,
    checkAll: checks.checkAll ?? (() => []),
    binds: checks.binds ?? (() => true),
    cloudStacks: names.cloudStacks ?? (() => []),
    programOf: index.programOf,
    synthesize: charts.synthesize,
    context: contexts.testContext,
    judge: judgeOf(pack),
  }
}

function judgeOf(pack: Partial<{ judge: typeof judge }> | Error): Judge {
  if (!(pack instanceof Error)) return pack.judge ? judgeBy(pack.judge) : noVerdicts
  return () => {
    throw pack
  }
}
