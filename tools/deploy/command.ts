import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import type { Policies } from '../../policies/bundle.ts'
import type { Project } from '../engine/pulumi/project.ts'
import { UsageError } from '../region/context.ts'
import { Steps } from '../region/steps.ts'
import { type DeployContext, deploy, type Inventory, planFrom, preview, takeInventory } from './deploy.ts'
import { projectEngine } from './engine.ts'
import { DeployError } from './error.ts'
import { outline } from './outline.ts'
import { environmentsOf, type Plan, plan, type Selection, stacksOf } from './plan.ts'
import { isKey } from './preflight.ts'

const usage = `usage: node tools/deploy/main.ts --env ENV (--region REGION | --all | --stack NAME...) [--yes] [--preview] …

Brings stacks of the cloud up in their order: the global one, the regions (DR, secondary, primary), what joins them, the workloads.
Behind each stands a gate: its outputs are there, its workloads are ready (Pulumi waits for them), and a second update would change nothing.
Safe to interrupt (once: what has begun is finished; twice: at once) and to run again: it goes on from where it stopped.

  --region REGION   the global stack, this region, and what joins the regions once all of them stand
  --all             the whole environment
  --stack NAME      only this one; may be given several times
  --yes             do not ask. Without a terminal nothing is changed unless this is given
  --preview         show what would change, property by property, and change nothing
  --refresh         with --preview: take in first what others changed
  --expect-no-changes   with --preview: exit with 3 when something would change
  --clear-pending-creates   forget what an interrupted run was making. Look first: what exists is then nobody's
  --report FILE     with --preview: write what would change into FILE, one line for each stack; empty when nothing would
  --plan [--json]   print the order, and touch nothing; no credentials are needed. --json: the pipeline's jobs, without --env of all environments
  --init            make the stacks that the backend lacks; commit the Pulumi.STACK.yaml files that it writes. The key is the one that
                    Pulumi.ENV.yaml names, or --secrets-provider 'awskms://alias/KEY?region=REGION'
  --verbose         show all that the engine says

Exit codes: 0 done, 1 failed or refused, 2 used wrongly, 3 a gate stayed closed or something would change, 130 interrupted.`

/** What surrounds the command. A test hands in its own. */
export interface Surroundings {
  readonly policies: Policies
  readonly signal: AbortSignal
  /** Whether somebody can be asked. */
  readonly interactive: boolean
  /** Throws when a deployment of these stacks would fail for want of something on this machine. */
  readonly preflight: (environment: string, stacks: readonly string[]) => void
  readonly project: () => Promise<Project>
  /** The secrets provider that an environment's global stack names in its file. */
  readonly secretsProvider: (environment: string) => string | undefined
}

const options = {
  env: { type: 'string' },
  region: { type: 'string' },
  all: { type: 'boolean', default: false },
  stack: { type: 'string', multiple: true },
  yes: { type: 'boolean', default: false },
  preview: { type: 'boolean', default: false },
  refresh: { type: 'boolean', default: false },
  'expect-no-changes': { type: 'boolean', default: false },
  'clear-pending-creates': { type: 'boolean', default: false },
  report: { type: 'string' },
  plan: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  init: { type: 'boolean', default: false },
  'secrets-provider': { type: 'string' },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

type Values = ReturnType<typeof parse>
const parse = (args: string[]) => parseArgs({ args, options }).values

/** Runs the command line; answers the exit status. Throws DeployError, PulumiError and UsageError. */
export async function deployCommand(args: string[], around: Surroundings): Promise<number> {
  const values = parse(args)
  if (values.help) {
    console.log(usage)
    return 0
  }
  const environment = values.env
  if (values.plan && values.json) {
    const jobs = (of: string) => outline(around.policies, plan(around.policies, of, { kind: 'all' }, new Set()))
    const answer = environment ? jobs(environment) : environmentsOf(around.policies).map(jobs)
    console.log(JSON.stringify(answer, null, 2))
    return 0
  }
  if (!environment) throw new UsageError(`--env is missing, such as --env prod. '--help' says more.`)
  const all = stacksOf(around.policies, environment).map(({ name }) => name)
  if (values.init) return init(around, environment, all, values)
  const selection = selectionOf(values)
  if (values.plan) {
    const made = plan(around.policies, environment, selection, new Set(all))
    console.log(shown(made))
    return 0
  }
  const wanted = plan(around.policies, environment, selection, new Set(all)).stages.map(({ name }) => name)
  around.preflight(environment, wanted)
  // A refusal that needs no look at the state comes before one.
  if (!values.preview && !values.yes && !around.interactive)
    throw new DeployError(
      'NOT_CONFIRMED',
      `Nobody can be asked here whether to change '${environment}'. Look at --preview, then run it again with --yes.`,
    )
  return run(around, environment, selection, values)
}

async function run(around: Surroundings, environment: string, selection: Selection, values: Values): Promise<number> {
  const { policies, signal } = around
  const say = (text: string) => console.log(text)
  const progress = new Steps({ verbose: values.verbose, out: process.stderr })
  const engine = projectEngine(await around.project())
  const context: DeployContext = { policies, engine, progress, say, signal }
  const inventory = await takeInventory(context, environment)
  const made = planFrom(policies, environment, selection, inventory)
  if (values.preview) return showChanges(context, made, inventory, values)
  say(shown(made))
  if (!values.yes) await confirm(environment, signal)
  try {
    await deploy(context, made, inventory, { clearPendingCreates: values['clear-pending-creates'] })
  } catch (error) {
    if (signal.aborted)
      console.error('Stopped. What was begun is finished and kept; the same command goes on from there.')
    if ((error as DeployError).code !== 'GATE_CLOSED') throw error
    console.error(`error [GATE_CLOSED]: ${(error as DeployError).message}`)
    return 3
  }
  say(`${environment}: ${made.stages.length} stack${made.stages.length > 1 ? 's are' : ' is'} up, every gate is open.`)
  return 0
}

async function showChanges(context: DeployContext, made: Plan, inventory: Inventory, values: Values): Promise<number> {
  const onOutput = (text: string) => process.stdout.write(text)
  const verdicts = await preview(context, made, inventory, { diff: true, refresh: values.refresh, onOutput })
  const changing = verdicts.filter(({ changes }) => changes !== undefined)
  if (values.report !== undefined)
    writeFileSync(values.report, changing.map(({ stack, changes }) => `- \`${stack}\`: ${changes}\n`).join(''))
  return values['expect-no-changes'] && changing.length > 0 ? 3 : 0
}

async function init(
  around: Surroundings,
  environment: string,
  stacks: readonly string[],
  values: Values,
): Promise<number> {
  const provider = values['secrets-provider'] ?? around.secretsProvider(environment)
  if (!isKey(provider))
    throw new UsageError(
      `--init wants a key of the cloud: --secrets-provider 'awskms://alias/KEY?region=REGION', or the same in Pulumi.${environment}.yaml.`,
    )
  around.preflight(environment, [])
  const project = await around.project()
  const engine = projectEngine(project)
  for (const stack of stacks) {
    around.signal.throwIfAborted()
    const exists = (await engine.look(stack)) !== undefined
    if (!exists) await project.init(stack, provider)
    console.log(`${stack}: ${exists ? 'exists' : 'made'}`)
  }
  return 0
}

function selectionOf(values: Values): Selection {
  const given = [values.region !== undefined, values.all, values.stack !== undefined].filter(Boolean).length
  if (given !== 1)
    throw new UsageError(`Say which stacks, by one of --region REGION, --all and --stack NAME. '--help' says more.`)
  if (values.region !== undefined) return { kind: 'region', region: values.region }
  return values.stack ? { kind: 'stacks', stacks: values.stack } : { kind: 'all' }
}

function shown({ environment, stages, skipped }: Plan): string {
  const lines = stages.map(({ name, kind }, i) => `  ${i + 1}. ${name} (${kind})`)
  return [
    `${environment}, one after another, each behind the gate of the one before:`,
    ...lines,
    ...skipped.map(({ stack, why }) => `  not ${stack}: ${why}`),
  ].join('\n')
}

async function confirm(environment: string, signal: AbortSignal): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`Type '${environment}' to go on: `, { signal })
    if (answer.trim() !== environment) throw new DeployError('NOT_CONFIRMED', 'That is not it. Nothing was changed.')
  } finally {
    terminal.close()
  }
}
