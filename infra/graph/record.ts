import * as pulumi from '@pulumi/pulumi'
import type { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js'
import { answerCall, answerResource } from './answers.ts'
import { type GraphResource, hidden, type StackGraph, unknown } from './graph.ts'

export interface RecordOptions {
  readonly project?: string
  readonly organization?: string
  /** What stacks that were recorded before answer to a StackReference, by the name of the stack. */
  readonly outputs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** `pulumi config` of the stack: 'key' or 'namespace:key' → value. */
  readonly config?: Readonly<Record<string, string>>
  /** Computed outputs stay unknown, as in a first preview. Default: false, they are made up from type and name. */
  readonly unknowns?: boolean
}

/** What marks a secret on the engine's wire. */
const secretSignature = '4dabf18193072939515e22adb298388d'

/** The engine's word for a value that is not known yet. */
const unknownSentinel = pulumi.runtime.unknownValue

/** JSON of what is on the wire: secrets and unknowns become their names, references to resources their URNs. */
function plain(value: unknown): unknown {
  if (value === unknownSentinel) return unknown
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  const record = value as Record<string, unknown>
  const signature = record[secretSignature]
  if (signature === '1b47061264138c4ac30d75fd1eb44270') return hidden
  if (signature === '5cf8f73096256a8f31e491e813e4eb8e') return record.urn
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, plain(inner)]))
}

/** The part of a request to the engine that is read here. */
interface Registration {
  getType(): string
  getName(): string
  getParent(): string
  getProvider(): string
  getCustom(): boolean
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined
  getDependenciesList(): string[]
  getProtect(): boolean
  getRetainondelete(): boolean
  getIgnorechangesList(): string[]
}

/**
 * Runs a program against a model of the cloud instead of an engine, without credentials, plugins or network, and answers what it
 * registers. One program at a time: Pulumi's runtime is global. Throws what the program throws.
 */
export async function recordGraph(
  stack: string,
  program: () => Promise<Record<string, unknown>>,
  options: RecordOptions = {},
): Promise<StackGraph> {
  const { project = 'neurodefender', organization = 'organization', outputs = {}, config = {} } = options
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.includes(':') ? key : `${project}:${key}`, value]),
    ),
  )
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => answerResource(args, { outputs, unknowns: options.unknowns ?? false }),
      call: (args) => answerCall(args),
    },
    project,
    stack,
    true,
    organization,
  )
  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor
  const resources: GraphResource[] = []
  let answered: Record<string, unknown> = {}
  const register = monitor.registerResource.bind(monitor)
  monitor.registerResource = (req: Registration, callback: (error: unknown, response: Answer | undefined) => void) =>
    register(req, (error: unknown, response: Answer | undefined) => {
      if (response && req.getType() !== 'pulumi:pulumi:Stack') resources.push(resourceOf(req, response.getUrn()))
      callback(error, response)
    })
  const declare = monitor.registerResourceOutputs.bind(monitor)
  monitor.registerResourceOutputs = (req: Declaration, callback: (error: unknown, response: unknown) => void) => {
    if (req.getUrn().includes('::pulumi:pulumi:Stack::'))
      answered = plain(req.getOutputs().toJavaScript()) as Record<string, unknown>
    return declare(req, callback)
  }
  let failure: { readonly error: unknown } | undefined
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      return await program()
    } catch (error) {
      // Thrown on, it would also end the process as an unhandled rejection.
      failure = { error }
      return {}
    }
  })
  // Outputs of components may still be on their way to a monitor that the next program replaces.
  await drained()
  if (failure) throw failure.error
  resources.sort((a, b) => (a.urn < b.urn ? -1 : 1))
  return { stack, resources, outputs: answered }
}

/** Internal to Pulumi's runtime, but the only word for "everything asked has been answered". */
const drained = (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs

interface Answer {
  getUrn(): string
}
interface Declaration {
  getUrn(): string
  getOutputs(): { toJavaScript(): Record<string, unknown> }
}

function resourceOf(req: Registration, urn: string): GraphResource {
  const parent = req.getParent()
  const provider = req.getProvider()
  return {
    urn,
    type: req.getType(),
    name: req.getName(),
    ...(parent && !parent.includes('::pulumi:pulumi:Stack::') ? { parent } : {}),
    // A reference is the URN and the id.
    ...(provider ? { provider: provider.slice(0, provider.lastIndexOf('::')) } : {}),
    custom: req.getCustom(),
    inputs: plain(req.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    dependencies: [...req.getDependenciesList()].sort(),
    protect: req.getProtect(),
    retainOnDelete: req.getRetainondelete(),
    ignoreChanges: [...req.getIgnorechangesList()].sort(),
  }
}
