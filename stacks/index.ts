import { getStack, RunError } from '@pulumi/pulumi'
import { policies as inForce, type Policies } from '../policies/bundle.ts'
import { type CloudStack, cloudStacks } from './names.ts'

export type Program = () => Promise<Record<string, unknown>>

/** The parts of a region on this machine, by the stack's name. Only the part that is asked for is loaded. */
const local = {
  local: async () => (await import('./local.ts')).local(),
  'local-services': async () => (await import('./local-services.ts')).localServices(),
} as const satisfies Record<string, Program>

/** The program of a stack of the cloud. */
function inCloud(stack: CloudStack, policies: Policies): Program {
  switch (stack.kind) {
    case 'global':
      return async () => (await import('./global.ts')).globalStack(stack, policies)
    case 'region':
      return async () => (await import('./region.ts')).regionStack(stack, policies)
    case 'services':
      return async () => (await import('./services.ts')).servicesStack(stack, policies)
    case 'links':
      return async () => (await import('./links.ts')).linksStack(stack, policies)
    default:
      return stack satisfies never
  }
}

export class UnknownStackError extends Error {
  readonly code = 'UNKNOWN_STACK'
}

/** The program that a stack's name picks. Throws UnknownStackError, which lists the names there are. */
export function programOf(name: string, policies: Policies = inForce): Program {
  if (Object.hasOwn(local, name)) return local[name as keyof typeof local]
  const stacks = cloudStacks(policies)
  const found = stacks.find((stack) => stack.name === name)
  if (found) return inCloud(found, policies)
  const names = [...Object.keys(local), ...stacks.map((stack) => stack.name)]
  throw new UnknownStackError(`There is no stack '${name}'; there are: ${names.join(', ')}.`)
}

/** An error of ours is a sentence for a person: the engine prints it without the stack of calls. */
export const told = (error: unknown): unknown =>
  error instanceof Error && typeof (error as { code?: unknown }).code === 'string' ? new RunError(error.message) : error

/** The Pulumi program: answers the stack's outputs. */
export const program: Program = async () => {
  try {
    return await programOf(getStack())()
  } catch (error) {
    throw told(error)
  }
}
