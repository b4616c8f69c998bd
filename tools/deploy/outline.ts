import type { Policies } from '../../policies/bundle.ts'
import { waves } from '../../stacks/names.ts'
import { pins } from '../engine/pins.ts'
import type { Plan } from './plan.ts'

/** One job of the pipeline: the stacks that come up together behind one approval. */
export interface Job {
  /** GitHub's environment: who may approve, and whose role the job takes on. */
  readonly environment: string
  /** Arguments of `node tools/deploy/main.ts`. */
  readonly stacks: readonly string[]
  /** None: what an environment has once. */
  readonly region?: string
}

/** What the pipeline is made from, so that no workflow lists regions. */
export interface Outline {
  readonly environment: string
  /** The version of the Pulumi engine. */
  readonly engine: string
  /** In the order in which they come up by hand. */
  readonly stacks: readonly string[]
  readonly global: readonly Job[]
  /** What serves nobody, then what serves more: a wave begins when the gate behind the one before is open. */
  readonly dr: readonly Job[]
  readonly secondary: readonly Job[]
  readonly primary: readonly Job[]
  readonly links: readonly Job[]
}

/** The jobs of a plan. What a job changes is one region's, so that a bad change stops in the region that serves nobody. */
export function outline(policies: Policies, { environment, stages }: Plan): Outline {
  const shared = (kind: 'global' | 'links'): Job[] =>
    stages
      .filter((stack) => stack.kind === kind)
      .map(({ name }) => ({ environment: `${environment}-global`, stacks: [name] }))
  const ofRole = (role: 'dr' | 'secondary' | 'primary'): Job[] =>
    waves(policies, environment)
      .filter((region) => policies.regions[region]?.role === role)
      .map((region) => ({
        environment: `${environment}-${region}`,
        region,
        stacks: stages.filter((stack) => 'region' in stack && stack.region === region).map(({ name }) => name),
      }))
      .filter(({ stacks }) => stacks.length > 0)
  return {
    environment,
    engine: pins.pulumi.version,
    stacks: stages.map(({ name }) => name),
    global: shared('global'),
    dr: ofRole('dr'),
    secondary: ofRole('secondary'),
    primary: ofRole('primary'),
    links: shared('links'),
  }
}
