import type { Policies } from '../bundle.ts'

/** Where a stack stands. */
export interface Place {
  readonly environment: string
  /** Name of the stack, where one is judged as a whole. */
  readonly stack?: string
  readonly region?: string
}

/** The environment that judges what belongs to none: the strictest. */
const strictest = 'prod'

/** The environment and the region that a stack's name tells: 'prod-us-east-1-services'. An unknown name is judged as prod's. */
export function placeOf(stack: string, { environments }: Pick<Policies, 'environments'>): Place {
  const starts = (prefix: string): boolean => stack === prefix || stack.startsWith(`${prefix}-`)
  const environment = Object.keys(environments).find(starts)
  if (!environment) return { environment: strictest, stack }
  const region = environments[environment]?.regions.find((name) => starts(`${environment}-${name}`))
  return region ? { environment, region, stack } : { environment, stack }
}
