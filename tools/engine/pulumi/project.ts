import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  ConcurrentUpdateError,
  type Deployment,
  type EngineEvent,
  LocalWorkspace,
  type OutputMap,
  PulumiCommand,
  type Stack,
  StackNotFoundError,
} from '@pulumi/pulumi/automation/index.js'
import { isStale, locks } from './lock.ts'
import { ownSession } from './session.ts'
import { installStandIns, type PluginName, type StandIns } from './stand-ins.ts'

export interface ProjectOptions {
  /** The folder with Pulumi.yaml. */
  readonly workDir: string
  readonly name: string
  /** The engine's executable. */
  readonly pulumi: string
  /** Where the wrappers of the stand-ins are made. A folder for each set of `plugins`. */
  readonly standIns: string
  /** Plugins that our stand-ins may take the place of; the engine downloads the rest. @default all, and it downloads nothing */
  readonly plugins?: readonly PluginName[]
  /** The folder of the state, or a backend's URL such as `s3://…`. @default where the user is logged in */
  readonly backend?: string
  /** The engine's own folder: which stack is selected, and its caches. @default ~/.pulumi */
  readonly home?: string
  /** How secrets are encrypted: under the empty passphrase, or as each stack's file says. @default 'empty-passphrase' */
  readonly secrets?: 'empty-passphrase' | 'stack-file'
  /** Whether a stack that is not there is made. Otherwise it is refused: STACK_MISSING. @default true */
  readonly create?: boolean
  /** Folders of policy packs that judge every preview and update. @default none */
  readonly policyPacks?: readonly string[]
  /** More for the program's environment. */
  readonly env?: Readonly<Record<string, string>>
}

export interface RunOptions {
  readonly onOutput?: ((text: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Show each property that changes. */
  readonly diff?: boolean | undefined
  /** Take in first what others changed. */
  readonly refresh?: boolean | undefined
}

/** What an interrupted run had begun and nobody knows the end of. */
export interface Pending {
  /** As the engine says it: `creating`, `updating`, `deleting`, `reading`, `importing`. */
  readonly operation: string
  readonly type: string
  readonly urn: string
}

/** What the last run of an exported stack had begun and did not finish. */
export function pendingOf(deployment: Deployment['deployment']): readonly Pending[] {
  const found: { type: string; resource: { urn: string; type: string } }[] = deployment?.pending_operations ?? []
  return found.map(({ type, resource }) => ({ operation: type, type: resource.type, urn: resource.urn }))
}

/** How many resources were, or would be, made, changed, left alone and so on. */
export type Summary = Readonly<Partial<Record<string, number>>>

/** One resource that a preview would make, change or delete. */
export interface Change {
  readonly operation: string
  /** Pulumi's type, such as `kubernetes:apps/v1:Deployment`. */
  readonly type: string
  readonly name: string
}

export type PulumiErrorCode = 'STACK_LOCKED' | 'STACK_MISSING' | 'PULUMI_FAILED'

class PulumiError extends Error {
  readonly code: PulumiErrorCode

  constructor(code: PulumiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** One Pulumi project, its stacks run by the Automation API with the program on disk: the same way as plain `pulumi`. */
export class Project {
  readonly #options: ProjectOptions

  constructor(options: ProjectOptions) {
    this.#options = options
  }

  /** Plugins of the engine that this machine does not have, and that our stand-ins take the place of. */
  get standIns(): readonly string[] {
    return this.#install().standIns
  }

  /** The environment in which plain `pulumi` does the same. Installs the plugins' stand-ins if need be. */
  environment(path: string): Record<string, string> {
    const { home, backend, env, plugins, secrets = 'empty-passphrase' } = this.#options
    return {
      PATH: `${this.#install().bin}:${dirname(process.execPath)}:${path}`,
      ...(home === undefined ? {} : { PULUMI_HOME: home }),
      ...(backend === undefined ? {} : { PULUMI_BACKEND_URL: isUrl(backend) ? backend : folderUrl(backend) }),
      ...(secrets === 'empty-passphrase' ? { PULUMI_CONFIG_PASSPHRASE: '' } : {}),
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      ...(plugins === undefined ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' } : {}),
      ...env,
    }
  }

  async preview(stack: string, options: RunOptions = {}): Promise<Summary> {
    return this.#run(
      stack,
      options,
      async (it, common) => (await it.preview(this.#judged(common))).changeSummary as Summary,
    )
  }

  /** What a preview would make, change or delete, one by one. Empty: nothing. */
  async changes(stack: string, options: RunOptions = {}): Promise<readonly Change[]> {
    const found: Change[] = []
    const onEvent = ({ resourcePreEvent: event }: EngineEvent) => {
      // What a refresh found counts by what the program would then do about it.
      if (!event || ['same', 'read', 'refresh'].includes(event.metadata.op)) return
      const { op, type, urn } = event.metadata
      found.push({ operation: op, type, name: urn.split('::').at(-1) ?? urn })
    }
    await this.#run(stack, options, (it, common) => it.preview(this.#judged(common)), onEvent)
    return found
  }

  async up(stack: string, options: RunOptions = {}): Promise<Summary> {
    return this.#run(
      stack,
      options,
      async (it, common) => (await it.up(this.#judged(common))).summary.resourceChanges ?? {},
    )
  }

  /**
   * Takes in what others changed in the cluster. Changes nothing there. `clearPendingCreates`: also forgets what an interrupted run
   * was making; whatever it made is then nobody's.
   */
  async refresh(
    stack: string,
    options: RunOptions & { readonly clearPendingCreates?: boolean } = {},
  ): Promise<Summary> {
    const { clearPendingCreates = false } = options
    return this.#run(
      stack,
      options,
      async (it, common) => (await it.refresh({ ...common, clearPendingCreates })).summary.resourceChanges ?? {},
    )
  }

  async destroy(stack: string, options: RunOptions = {}): Promise<Summary> {
    return this.#run(stack, options, async (it, common) => (await it.destroy(common)).summary.resourceChanges ?? {})
  }

  /** The stack's outputs; secrets are in clear text. */
  async outputs(stack: string): Promise<OutputMap> {
    return (await this.#open(stack)).outputs()
  }

  /** Makes a stack whose secrets a provider such as `awskms://…` encrypts; writes Pulumi.<stack>.yaml. */
  async init(stackName: string, secretsProvider: string): Promise<void> {
    const { workDir } = this.#options
    const options = { ...(await this.#workspace()), secretsProvider }
    await LocalWorkspace.createStack({ stackName, workDir }, options).catch((error: Error) => {
      throw failure(stackName, [], error)
    })
  }

  async exportStack(stack: string): Promise<Deployment> {
    return (await this.#open(stack)).exportStack()
  }

  /** A stack's state, its secrets encrypted. Undefined: there is no such stack, and none is made. */
  async state(stackName: string): Promise<Deployment['deployment'] | undefined> {
    const { envVars, pulumiCommand } = await this.#workspace()
    const args = ['stack', 'export', '--stack', stackName, '--non-interactive']
    const options = { cwd: this.#options.workDir, env: { ...process.env, ...envVars }, maxBuffer: 1 << 30 }
    try {
      const { stdout } = await promisify(execFile)(pulumiCommand.command, args, options)
      return (JSON.parse(stdout) as Deployment).deployment ?? {}
    } catch (error) {
      const { stderr = '' } = error as Error & { stderr?: string }
      if (/no stack named/.test(stderr)) return undefined
      throw failure(stackName, [], error as Error)
    }
  }

  async #run<T>(
    name: string,
    options: RunOptions,
    body: (stack: Stack, common: object) => Promise<T>,
    listen?: (event: EngineEvent) => void,
  ): Promise<T> {
    const errors: string[] = []
    const onOutput = (text: string) => options.onOutput?.(text)
    const onEvent = (event: EngineEvent) => {
      listen?.(event)
      const { diagnosticEvent: said, policyEvent: judged } = event
      if (said?.severity === 'error' && !said.ephemeral) errors.push(plain(said.message))
      if (judged?.enforcementLevel === 'mandatory') errors.push(`${judged.policyName}: ${plain(judged.message)}`)
    }
    const stack = await this.#open(name)
    await this.#unlock(stack, onOutput)
    const common = {
      onOutput,
      onError: onOutput,
      onEvent,
      color: 'never',
      ...(options.diff ? { diff: true } : {}),
      ...(options.refresh ? { refresh: true } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    }
    try {
      return await body(stack, common)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw failure(name, errors, error as Error)
    }
  }

  /** With the policy packs, which a refresh or a destroy does not take. */
  #judged(common: object): object {
    const { policyPacks } = this.#options
    return policyPacks ? { ...common, policyPacks: [...policyPacks] } : common
  }

  #install(): StandIns {
    const { standIns, pulumi, plugins } = this.#options
    return installStandIns(standIns, { pulumi, ...(plugins ? { plugins } : {}) })
  }

  async #workspace() {
    const { standIns, backend, home } = this.#options
    for (const folder of [backend, home])
      if (folder !== undefined && !isUrl(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const envVars = this.environment(process.env.PATH ?? '')
    // The stand-ins' folder is laid out as an installation of the engine: bin/pulumi and its plugins.
    const root = ownSession(standIns, join(standIns, 'bin', 'pulumi')) ?? standIns
    return { envVars, pulumiCommand: await PulumiCommand.get({ root, skipVersionCheck: true }) }
  }

  async #open(stackName: string): Promise<Stack> {
    const { workDir, create = true } = this.#options
    const workspace = await this.#workspace()
    if (create) return LocalWorkspace.createOrSelectStack({ stackName, workDir }, workspace)
    try {
      return await LocalWorkspace.selectStack({ stackName, workDir }, workspace)
    } catch (error) {
      if (!(error instanceof StackNotFoundError)) throw failure(stackName, [], error as Error)
      throw new PulumiError('STACK_MISSING', `The backend has no stack '${stackName}'.`, { cause: error })
    }
  }

  /** Gives back the lock of a run that was killed. Throws STACK_LOCKED while another run goes on. */
  async #unlock(stack: Stack, onOutput: (text: string) => void): Promise<void> {
    const { backend, name } = this.#options
    const folder = backend === undefined ? undefined : backend.replace(/^file:\/\//, '')
    // Of a bucket the engine says itself who holds the lock, and takes none away.
    const held = folder === undefined || isUrl(folder) ? [] : locks(folder, name, stack.name)
    const alive = held.find((lock) => !isStale(lock))
    if (alive)
      throw new PulumiError(
        'STACK_LOCKED',
        `Another run (process ${alive.pid} of ${alive.username} on ${alive.hostname}, since ${alive.timestamp}) works on the stack '${stack.name}'. Wait for it, or end it.`,
      )
    if (held.length === 0) return
    onOutput(
      `The run of process ${held[0]?.pid} (${held[0]?.timestamp}) ended without unlocking '${stack.name}': unlocking it.\n`,
    )
    await stack.cancel()
  }
}

const isUrl = (backend: string): boolean => backend.includes('://')

/**
 * The engine puts a state in its place whole. What it would write beside it, such as a checksum that nobody reads, it writes in place: killed there, it leaves
 * half a file and can no longer open the state ("failed to load checkpoint: EOF").
 */
const folderUrl = (folder: string): string => `file://${folder}?metadata=skip`

/** The engine marks colours as `<{%fg 1%}>`. */
const plain = (text: string): string => text.replaceAll(/<\{%[^%]*%\}>/g, '').trim()

/** The errors that the engine reported; where it did not get as far, what it printed. */
function failure(stack: string, errors: readonly string[], cause: Error): PulumiError {
  if (cause instanceof ConcurrentUpdateError) {
    const holder = /created by (\S+) \(pid (\d+)\) at (\S+)/.exec(cause.message)
    const who = holder ? ` (process ${holder[2]} of ${holder[1]}, since ${holder[3]})` : ''
    return new PulumiError(
      'STACK_LOCKED',
      `Another run${who} works on the stack '${stack}'. Wait for it. If it was killed, and only then: pulumi cancel --stack ${stack}`,
      { cause },
    )
  }
  // The engine repeats the first line as its verdict on the whole update.
  const told = [...new Set(errors)].filter((error) => error !== 'update failed' && error !== 'preview failed')
  const printed = [...new Set([...cause.message.matchAll(/^\s*error: (.+)$/gm)].map(([, text]) => text))]
  const text = (told.length > 0 ? told : printed).join('\n') || cause.message
  return new PulumiError('PULUMI_FAILED', `Pulumi failed on the stack '${stack}':\n${text}`, { cause })
}
