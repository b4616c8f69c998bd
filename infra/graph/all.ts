import type { StackGraph } from './graph.ts'
import { type RecordOptions, recordGraph } from './record.ts'

/** A stack as far as its recording needs to know it. */
export interface RecordableStack {
  readonly name: string
  /** Names of the stacks whose outputs it reads, which stand before it in the list. */
  readonly needs: readonly string[]
}

/** The graph of a stack, or why its program refused. */
export type Recording =
  | { readonly stack: string; readonly graph: StackGraph }
  | { readonly stack: string; readonly error: unknown }

/** Records stacks one after the other, each with what those before it answered. A refusal stops only the stacks that need it. */
export async function recordAll(
  stacks: readonly RecordableStack[],
  programOf: (name: string) => () => Promise<Record<string, unknown>>,
  options: Omit<RecordOptions, 'outputs'> = {},
): Promise<readonly Recording[]> {
  const outputs: Record<string, Readonly<Record<string, unknown>>> = {}
  const recordings: Recording[] = []
  for (const { name, needs } of stacks) {
    const missing = needs.find((needed) => !Object.hasOwn(outputs, needed))
    if (missing !== undefined) {
      recordings.push({ stack: name, error: new Error(`It needs the outputs of '${missing}', whose program refused.`) })
      continue
    }
    try {
      const graph = await recordGraph(name, programOf(name), { ...options, outputs })
      outputs[name] = graph.outputs
      recordings.push({ stack: name, graph })
    } catch (error) {
      recordings.push({ stack: name, error })
    }
  }
  return recordings
}
