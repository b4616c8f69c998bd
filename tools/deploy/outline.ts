import type { Policies } from '../../policies/bundle.ts'
import type { RegionPolicy } from '../../policies/model/region.ts'
import { waves } from '../../stacks/names.ts'
import { pins } from '../engine/pins.ts'
import { DeployError } from './error.ts'
import type { Plan } from './plan.ts'

/** One job of the pipeline: the stacks that come up together behind one approval. */
export interface Job {
  /** GitHub's environment: who may approve, and whose role the job takes on. */
  readonly environment: string
  /** The role that the job takes on in AWS. */
  readonly role: string
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
  /** The bucket of the state, without the account that ends its name, and its region. */
  readonly state: { readonly bucket: string; readonly region: string }
  /** The roles that read everything, and that push images. */
  readonly previewRole: string
  readonly imagesRole: string
  /** In the order in which they come up by hand. */
  readonly stacks: readonly string[]
  readonly global: readonly Job[]
  /** What serves nobody, then what serves more: a wave begins when the gate behind the one before is open. */
  readonly dr: readonly Job[]
  readonly secondary: readonly Job[]
  readonly primary: readonly Job[]
  readonly links: readonly Job[]
}

/** What `infra/aws/global` calls a role of CI. */
const roleName = (environment: string, what: string): string => `nd-${environment}-ci-${what}`

/** The jobs of a plan. What a job changes is one region's, so that a bad change stops in the region that serves nobody. */
export function outline(policies: Policies, { environment, stages }: Plan): Outline {
  const job = (key: string, stacks: readonly string[]) => ({
    environment: `${environment}-${key}`,
    role: roleName(environment, `deploy-${key}`),
    stacks,
  })
  const shared = (kind: 'global' | 'links'): Job[] =>
    stages.filter((stack) => stack.kind === kind).map(({ name }) => job('global', [name]))
  const regions = waves(policies, environment)
  const withRole = (role: RegionPolicy['role']) => regions.filter((region) => policies.regions[region]?.role === role)
  const wave = (role: RegionPolicy['role']): Job[] =>
    withRole(role)
      .map((region) => {
        const own = stages.filter((stack) => 'region' in stack && stack.region === region)
        return {
          ...job(
            region,
            own.map(({ name }) => name),
          ),
          region,
        }
      })
      .filter(({ stacks }) => stacks.length > 0)
  const [home] = withRole('primary')
  if (!home) throw new DeployError('UNKNOWN_REGION', `The environment '${environment}' has no primary region.`)
  return {
    environment,
    engine: pins.pulumi.version,
    state: { bucket: `nd-${environment}-pulumi`, region: home },
    previewRole: roleName(environment, 'preview'),
    imagesRole: roleName(environment, 'images'),
    stacks: stages.map(({ name }) => name),
    global: shared('global'),
    dr: wave('dr'),
    secondary: wave('secondary'),
    primary: wave('primary'),
    links: shared('links'),
  }
}
