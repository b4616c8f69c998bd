import type { StackGraph } from '../../infra/graph/graph.ts'
import { type RecordOptions, recordGraph } from '../../infra/graph/record.ts'
import { policies } from '../../policies/bundle.ts'
import type { CloudEnvironment } from '../../policies/cloud.ts'
import { programOf } from '../../stacks/index.ts'
import { cloudStacks } from '../../stacks/names.ts'

type Outputs = NonNullable<RecordOptions['outputs']>

/** The stacks of an environment of the cloud, recorded without credentials, each after those whose outputs it reads. */
export async function stackGraphs(environment: CloudEnvironment): Promise<readonly StackGraph[]> {
  const outputs: Record<string, Outputs[string]> = {}
  const graphs: StackGraph[] = []
  for (const { name } of cloudStacks(policies).filter((stack) => stack.environment === environment)) {
    const graph = await recordGraph(name, programOf(name), { outputs })
    outputs[name] = graph.outputs
    graphs.push(graph)
  }
  return graphs
}

/** The same as in a first preview, where what the cloud will answer is unknown. `known` are the stacks that others read. */
export async function firstPreviews(known: readonly StackGraph[]): Promise<readonly StackGraph[]> {
  const outputs: Outputs = Object.fromEntries(known.map(({ stack, outputs }) => [stack, outputs]))
  const graphs: StackGraph[] = []
  for (const { stack } of known) graphs.push(await recordGraph(stack, programOf(stack), { outputs, unknowns: true }))
  return graphs
}
