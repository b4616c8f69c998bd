import type { Policies } from '../../policies/bundle.ts'
import { type CloudStack, cloudStacks, waves } from '../../stacks/names.ts'
import { DeployError } from './error.ts'

/** What somebody asked to bring up. */
export type Selection =
  | { readonly kind: 'all' }
  /** The global stack, the region, and what joins the regions once all of them stand. */
  | { readonly kind: 'region'; readonly region: string }
  /** These and no others. */
  | { readonly kind: 'stacks'; readonly stacks: readonly string[] }

export interface Skipped {
  readonly stack: string
  readonly why: string
}

export interface Plan {
  readonly environment: string
  /** Each stack in its turn; its gate is passed before the next one begins. */
  readonly stages: readonly CloudStack[]
  readonly skipped: readonly Skipped[]
}

/** The cloud's environments. */
export const environmentsOf = (policies: Policies): readonly string[] => Object.keys(policies.cloud)

/** The stacks of an environment in the order in which they come up. Throws UNKNOWN_ENVIRONMENT. */
export function stacksOf(policies: Policies, environment: string): readonly CloudStack[] {
  const known = environmentsOf(policies)
  if (!known.includes(environment))
    throw new DeployError(
      'UNKNOWN_ENVIRONMENT',
      `There is no environment '${environment}' in the cloud; there are: ${known.join(', ')}. A local region comes up by 'make up'.`,
    )
  return cloudStacks(policies).filter((stack) => stack.environment === environment)
}

/**
 * Which stacks come up and in which order. `standing` names those that have come up before: what joins the regions is left out
 * while a region is missing, and a stack is refused while one that it reads is. Throws DeployError.
 */
export function plan(
  policies: Policies,
  environment: string,
  selection: Selection,
  standing: ReadonlySet<string>,
): Plan {
  const all = stacksOf(policies, environment)
  const wanted = all.filter(wants(policies, environment, selection, all))
  const there = new Set([...standing, ...wanted.map(({ name }) => name)])
  const missing = (stack: CloudStack) => stack.needs.filter((need) => !there.has(need))
  const skipped = wanted.flatMap((stack) =>
    stack.kind === 'links' && selection.kind === 'region' && missing(stack).length > 0
      ? [
          {
            stack: stack.name,
            why: `${missing(stack).join(', ')} ${missing(stack).length > 1 ? 'have' : 'has'} not come up yet`,
          },
        ]
      : [],
  )
  const stages = wanted.filter(({ name }) => !skipped.some(({ stack }) => stack === name))
  for (const stack of stages)
    if (missing(stack).length > 0)
      throw new DeployError(
        'NEEDS_OTHERS',
        `The stack '${stack.name}' reads ${missing(stack).join(', ')}, which ${missing(stack).length > 1 ? 'have' : 'has'} not come up. Bring that up first, or use --all.`,
      )
  return { environment, stages, skipped }
}

function wants(
  policies: Policies,
  environment: string,
  selection: Selection,
  all: readonly CloudStack[],
): (stack: CloudStack) => boolean {
  switch (selection.kind) {
    case 'all':
      return () => true
    case 'region': {
      const regions = waves(policies, environment)
      if (!regions.includes(selection.region))
        throw new DeployError(
          'UNKNOWN_REGION',
          `The environment '${environment}' has no region '${selection.region}'; it has: ${regions.join(', ')}.`,
        )
      return (stack) => !('region' in stack) || stack.region === selection.region
    }
    case 'stacks': {
      const unknown = selection.stacks.filter((name) => !all.some((stack) => stack.name === name))
      if (unknown.length > 0)
        throw new DeployError(
          'UNKNOWN_STACK',
          `The environment '${environment}' has no stack ${unknown.map((name) => `'${name}'`).join(', ')}; it has: ${all.map(({ name }) => name).join(', ')}.`,
        )
      return ({ name }) => selection.stacks.includes(name)
    }
  }
}
