import type { Change, Pending, RunOptions, Summary } from '../../engine/pulumi/project.ts'
import type { StackEngine, Standing } from '../engine.ts'

/** An engine on paper: says what was asked of it, in order, and answers as it is told to. */
export class FakeEngine implements StackEngine {
  /** `up prod`, `preview prod`, `settle prod`; looking changes nothing and is not noted. */
  readonly calls: string[] = []
  readonly stacks = new Map<string, Standing>()
  /** What a preview of a stack would find. */
  readonly changes = new Map<string, readonly Change[]>()
  /** Called while a stack comes up. */
  onUp: (stack: string, options: RunOptions) => void = () => {}

  constructor(stacks: readonly string[], standing: readonly string[] = []) {
    for (const stack of stacks) this.stand(stack, standing.includes(stack) ? ['region'] : [])
  }

  stand(stack: string, outputs: readonly string[], pending: readonly Pending[] = []): void {
    this.stacks.set(stack, { resources: outputs.length, outputs, pending })
  }

  async look(stack: string): Promise<Standing | undefined> {
    return this.stacks.get(stack)
  }

  async up(stack: string, options: RunOptions): Promise<Summary> {
    this.calls.push(`up ${stack}`)
    this.onUp(stack, options)
    this.stand(stack, ['region'])
    return { create: 1 }
  }

  async preview(stack: string): Promise<readonly Change[]> {
    this.calls.push(`preview ${stack}`)
    return this.changes.get(stack) ?? []
  }

  async settle(stack: string): Promise<void> {
    this.calls.push(`settle ${stack}`)
  }
}
