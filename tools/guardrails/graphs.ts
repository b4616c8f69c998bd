import type { StackGraph } from '../../infra/graph/graph.ts'
import { recordGraph } from '../../infra/graph/record.ts'
import type { CloudEnvironment } from '../../policies/cloud.ts'
import { programOf } from '../../stacks/index.ts'
import { recordCloud } from '../../stacks/testing/record.ts'

/** The stacks of an environment of the cloud, recorded without credentials, each after those whose outputs it reads. */
export const stackGraphs = async (environment: CloudEnvironment): Promise<readonly StackGraph[]> => [
  ...(await recordCloud(environment)).values(),
]

/** The same as in a first preview, where what the cloud will answer is unknown. `known` are the stacks that others read. */
export async function firstPreviews(known: readonly StackGraph[]): Promise<readonly StackGraph[]> {
  const outputs = Object.fromEntries(known.map(({ stack, outputs }) => [stack, outputs]))
  const graphs: StackGraph[] = []
  for (const { stack } of known) graphs.push(await recordGraph(stack, programOf(stack), { outputs, unknowns: true }))
  return graphs
}
