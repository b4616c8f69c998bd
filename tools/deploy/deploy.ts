import type { Policies } from '../../policies/bundle.ts'
import type { CloudStack } from '../../stacks/names.ts'
import type { Pending, RunOptions, Summary } from '../engine/pulumi/project.ts'
import type { StackEngine, Standing } from './engine.ts'
import { DeployError } from './error.ts'
import { type Plan, plan, type Selection, stacksOf } from './plan.ts'
import { counted, countedChanges, listed } from './text.ts'

/** Hears what is being done. `tools/region/steps.ts` is one. */
export interface Progress {
  run<T>(name: string, body: (note: (text: string) => void) => Promise<T>): Promise<T>
}

export interface DeployContext {
  readonly policies: Policies
  readonly engine: StackEngine
  readonly progress: Progress
  /** Hears a line worth keeping. */
  readonly say: (text: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Which stacks of an environment there are, and which of them have come up. */
export interface Inventory {
  readonly standings: ReadonlyMap<string, Standing>
  /** Not in the backend. */
  readonly missing: readonly string[]
}

const standing = ({ standings }: Inventory): ReadonlySet<string> =>
  new Set([...standings].filter(([, { outputs }]) => outputs.length > 0).map(([name]) => name))

/** Reads the state of every stack of an environment. Changes nothing. */
export async function takeInventory(
  { policies, engine, progress, signal }: DeployContext,
  environment: string,
): Promise<Inventory> {
  const standings = new Map<string, Standing>()
  const missing: string[] = []
  await progress.run(`state of ${environment}`, async (note) => {
    for (const { name } of stacksOf(policies, environment)) {
      signal?.throwIfAborted()
      note(name)
      const found = await engine.look(name)
      if (found) standings.set(name, found)
      else missing.push(name)
    }
  })
  return { standings, missing }
}

/** The order of a deployment that begins from what there is. Throws what `plan` throws, and NOT_READY while the backend lacks a stack. */
export function planFrom(policies: Policies, environment: string, selection: Selection, inventory: Inventory): Plan {
  const made = plan(policies, environment, selection, standing(inventory))
  const lacking = made.stages.filter(({ name }) => inventory.missing.includes(name)).map(({ name }) => name)
  if (lacking.length > 0)
    throw new DeployError(
      'NOT_READY',
      `The backend has no stack ${listed(lacking)}. Make ${lacking.length > 1 ? 'them' : 'it'}: ` +
        `node tools/deploy/main.ts --env ${environment} --init (docs/pulumi.md).`,
    )
  return made
}

export interface DeployOptions {
  /** Forget what an interrupted run was making, though it may exist: somebody looked. */
  readonly clearPendingCreates?: boolean
}

/** Brings the stages up one after another, each through its gate. What has come up stays when a later one fails. */
export async function deploy(
  context: DeployContext,
  { stages }: Plan,
  inventory: Inventory,
  options: DeployOptions = {},
): Promise<void> {
  for (const [i, stack] of stages.entries()) {
    context.signal?.throwIfAborted()
    const turn = `${i + 1}/${stages.length}`
    await settle(context, turn, stack.name, inventory.standings.get(stack.name)?.pending ?? [], options)
    const summary = await up(context, turn, stack)
    context.say(`  ${stack.name}: ${counted(summary)}`)
    await gate(context, turn, stack.name)
  }
}

const up = ({ progress, engine, signal }: DeployContext, turn: string, { name }: CloudStack): Promise<Summary> =>
  progress.run(`${turn} up ${name}`, (note) => engine.up(name, { onOutput: note, signal }))

/** Whether the next update takes up again what it finds, so that nothing is left without an owner. */
const takenUpAgain = ({ operation, type }: Pending): boolean =>
  operation !== 'creating' || type.startsWith('kubernetes:')

/** Puts the state of an interrupted run in order. Throws PENDING_CREATES where only a person can know whether something was made. */
async function settle(
  { progress, engine, signal }: DeployContext,
  turn: string,
  stack: string,
  pending: readonly Pending[],
  { clearPendingCreates = false }: DeployOptions,
): Promise<void> {
  if (pending.length === 0) return
  const unknown = pending.filter((one) => !takenUpAgain(one))
  if (unknown.length > 0 && !clearPendingCreates)
    throw new DeployError(
      'PENDING_CREATES',
      `An interrupted run of '${stack}' was making what follows, and whether it exists is not known:\n` +
        `${unknown.map(({ urn }) => `  ${urn}`).join('\n')}\n` +
        `Look in the account. What exists: take it in by 'pulumi refresh --stack ${stack} --import-pending-creates URN --import-pending-creates ID', ` +
        `or delete it by hand. Then run the same again with --clear-pending-creates.`,
    )
  await progress.run(`${turn} settle ${stack}`, (note) => engine.settle(stack, { onOutput: note, signal }))
}

/** What must be so before the next stage: the outputs are there and nothing would change again. Throws GATE_CLOSED. */
async function gate({ progress, engine, signal }: DeployContext, turn: string, stack: string): Promise<void> {
  const closed = (why: string) =>
    new DeployError('GATE_CLOSED', `The gate behind '${stack}' stays closed: ${why}. Nothing after it was begun.`)
  await progress.run(`${turn} gate ${stack}`, async (note) => {
    const found = await engine.look(stack)
    if (!found || found.outputs.length === 0) throw closed('the stack has no outputs')
    if (found.pending.length > 0) throw closed(`${found.pending.length} operations are not finished`)
    const again = await engine.preview(stack, { onOutput: note, signal })
    if (again.length > 0) throw closed(`a second update would change ${countedChanges(again)}`)
  })
}

/** What a preview found of a stack. */
export interface Verdict {
  readonly stack: string
  /** In words; undefined when nothing would change. */
  readonly changes: string | undefined
}

/** Shows what an update of each stage would change. */
export async function preview(
  { engine, progress, say, signal }: DeployContext,
  { stages }: Plan,
  inventory: Inventory,
  options: Pick<RunOptions, 'refresh' | 'diff' | 'onOutput'> = {},
): Promise<readonly Verdict[]> {
  const up = standing(inventory)
  const verdicts: Verdict[] = []
  for (const [i, { name, needs }] of stages.entries()) {
    signal?.throwIfAborted()
    const absent = needs.filter((need) => !up.has(need))
    const found = async () => {
      if (absent.length > 0)
        return `cannot be previewed before ${listed(absent)} ${absent.length > 1 ? 'have' : 'has'} come up`
      const changes = await progress.run(`${i + 1}/${stages.length} preview ${name}`, (note) =>
        engine.preview(name, { ...options, onOutput: options.onOutput ?? note, signal }),
      )
      return changes.length > 0 ? countedChanges(changes) : undefined
    }
    const verdict = { stack: name, changes: await found() }
    verdicts.push(verdict)
    say(`  ${name}: ${verdict.changes ?? 'nothing changes'}`)
  }
  return verdicts
}
