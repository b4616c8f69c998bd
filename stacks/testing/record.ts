import { recordAll } from '../../infra/graph/all.ts'
import type { StackGraph } from '../../infra/graph/graph.ts'
import { policies as inForce, type Policies } from '../../policies/bundle.ts'
import { programOf } from '../index.ts'
import { cloudStacks } from '../names.ts'

/** The graphs of all stacks of the cloud, or of one environment, by name. Throws what the first refused one threw. */
export async function recordCloud(
  environment?: string,
  policies: Policies = inForce,
): Promise<Map<string, StackGraph>> {
  const stacks = cloudStacks(policies).filter((stack) => !environment || stack.environment === environment)
  const recordings = await recordAll(stacks, (name) => programOf(name, policies))
  return new Map(
    recordings.map((recording) => {
      if ('error' in recording) throw recording.error
      return [recording.stack, recording.graph]
    }),
  )
}
