import { recordGraph } from '../../../infra/graph/record.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { Finding } from '../../../policies/model/finding.ts'
import type { CloudStack } from '../../../stacks/names.ts'
import type { BuildFailure, Built, BuiltStack, JudgedFinding } from './built.ts'
import { buildLocal } from './local.ts'
import type { Modules } from './modules.ts'

/** Hears what is being built, for whoever waits. */
export type Told = (doing: string) => void

const failed = (error: unknown): BuildFailure => {
  const { message, findings } = error as Error & { findings?: readonly Finding[] }
  return { message: message || String(error), findings: Array.isArray(findings) ? findings : [], notTried: false }
}

/** Pulumi keeps the stack of calls of every promise: without them a build takes half the time. ND_TRACE=1 keeps them. */
async function quick<T>(task: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit
  if (!process.env.ND_TRACE) Error.stackTraceLimit = 0
  try {
    return await task()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** Environments that a finding stops, of those that there are. */
export const judged = (modules: Modules, policies: Policies): JudgedFinding[] =>
  modules.checkAll(policies).map((finding) => ({
    ...finding,
    stops: Object.keys(policies.environments).filter((name) => modules.binds(finding, name, policies)),
  }))

/** `wanted`, and every stack whose outputs one of them reads. */
function closure(all: readonly CloudStack[], wanted: ReadonlySet<string>): readonly CloudStack[] {
  const taken = new Set(wanted)
  for (const { name, needs } of [...all].reverse()) if (taken.has(name)) for (const need of needs) taken.add(need)
  return all.filter(({ name }) => taken.has(name))
}

/**
 * Records the stacks of the cloud, each after those whose outputs it reads. A stack that fails does not stop the others; one that needs
 * it says so. One after the other: Pulumi's runtime is global.
 */
export async function buildCloud(
  { cloudStacks, programOf }: Pick<Modules, 'cloudStacks' | 'programOf'>,
  policies: Policies,
  tell: Told = () => {},
  only?: ReadonlySet<string>,
): Promise<BuiltStack[]> {
  if (!programOf || !policies.cloud) return []
  const all = cloudStacks(policies)
  const outputs: Record<string, Readonly<Record<string, unknown>>> = {}
  const built: BuiltStack[] = []
  for (const stack of only ? closure(all, only) : all) {
    const { name, environment, needs } = stack
    const about = { stack: name, environment, ...('region' in stack ? { region: stack.region } : {}) }
    const missing = needs.filter((need) => !outputs[need])
    if (missing.length > 0) {
      built.push({
        ...about,
        error: { message: `It needs ${missing.join(', ')}, which failed.`, findings: [], notTried: true },
      })
      continue
    }
    tell(name)
    try {
      const graph = await quick(() => recordGraph(name, programOf(name, policies), { outputs }))
      outputs[name] = graph.outputs
      built.push({ ...about, graph })
    } catch (error) {
      built.push({ ...about, error: failed(error) })
    }
  }
  return built
}

/** Everything that a revision would be under the given policies. */
export async function build(modules: Modules, policies: Policies, tell: Told = () => {}): Promise<Built> {
  const stacks = [...(await buildCloud(modules, policies, tell)), ...buildLocal(modules, policies)]
  const remarks: string[] = []
  if (!modules.programOf) remarks.push('This revision has no stacks in the cloud.')
  if (!modules.synthesize || !modules.context) remarks.push('The local region of this revision cannot be synthesized.')
  tell('rules')
  const unjudged: string[] = []
  const attempt = <T>(what: string, judge: () => readonly T[]): readonly T[] => {
    try {
      return judge()
    } catch (error) {
      unjudged.push(`${what} cannot judge: ${(error as Error).message}`)
      return []
    }
  }
  return {
    policies,
    stacks,
    remarks,
    findings: attempt('The checks of the policies', () => judged(modules, policies)),
    verdicts: attempt('The policy pack', () =>
      stacks.flatMap((stack) => ('graph' in stack ? modules.judge(stack.graph, policies) : [])),
    ),
    unjudged,
  }
}
