import {
  type Change,
  type Pending,
  type Project,
  pendingOf,
  type RunOptions,
  type Summary,
} from '../engine/pulumi/project.ts'

/** What a stack's state says of it. */
export interface Standing {
  readonly resources: number
  /** Names of the outputs that it declared the last time it came up. None: it never has. */
  readonly outputs: readonly string[]
  /** What an interrupted run had begun. */
  readonly pending: readonly Pending[]
}

/** What a deployment asks of Pulumi, so that a test can answer in its place. */
export interface StackEngine {
  /** Undefined: the backend has no such stack. */
  look(stack: string): Promise<Standing | undefined>
  up(stack: string, options: RunOptions): Promise<Summary>
  /** What an update would change, one by one. */
  preview(stack: string, options: RunOptions): Promise<readonly Change[]>
  /** Reads what an interrupted run changed or deleted, and forgets what it was making. */
  settle(stack: string, options: RunOptions): Promise<void>
}

/** The real engine. */
export const projectEngine = (project: Project): StackEngine => ({
  look: async (stack) => {
    const deployment = await project.state(stack)
    if (!deployment) return undefined
    const resources: { type: string; outputs?: object }[] = deployment.resources ?? []
    const root = resources.find(({ type }) => type === 'pulumi:pulumi:Stack')
    return {
      resources: resources.length,
      outputs: Object.keys(root?.outputs ?? {}),
      pending: pendingOf(deployment),
    }
  },
  up: (stack, options) => project.up(stack, options),
  preview: (stack, options) => project.changes(stack, options),
  settle: async (stack, options) => void (await project.refresh(stack, { ...options, clearPendingCreates: true })),
})
