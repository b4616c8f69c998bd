import { getStack, RunError } from '@pulumi/pulumi'

type Program = () => Promise<Record<string, unknown>>

/** The parts of the platform by the stack's name. Only the part that is asked for is loaded. */
const parts = {
  local: async () => (await import('./local.ts')).local(),
  'local-services': async () => (await import('./local-services.ts')).localServices(),
} as const satisfies Record<string, Program>

export class UnknownStackError extends Error {
  readonly code = 'UNKNOWN_STACK'
}

/** The part that a stack's name picks. Throws UnknownStackError, which lists the names there are. */
export function partOf(stack: string): Program {
  if (Object.hasOwn(parts, stack)) return parts[stack as keyof typeof parts]
  throw new UnknownStackError(`There is no stack '${stack}'; there are: ${Object.keys(parts).join(', ')}.`)
}

/** An error of ours is a sentence for a person: the engine prints it without the stack of calls. */
export const told = (error: unknown): unknown =>
  error instanceof Error && typeof (error as { code?: unknown }).code === 'string' ? new RunError(error.message) : error

/** The Pulumi program: answers the stack's outputs. */
export const program: Program = async () => {
  try {
    return await partOf(getStack())()
  } catch (error) {
    throw told(error)
  }
}
