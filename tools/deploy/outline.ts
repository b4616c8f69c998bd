import type { Policies } from '../../policies/bundle.ts'
import type { RegionPolicy } from '../../policies/model/region.ts'
import { type CloudStack, waves } from '../../stacks/names.ts'
import { pins } from '../engine/pins.ts'
import { DeployError } from './error.ts'
import type { Plan } from './plan.ts'

/** One job of the pipeline: the stacks that come up together behind one approval. */
export interface Job {
  /** GitHub's environment: who may approve, and whose role the job takes on. */
  readonly environment: string
  /** The role that the job takes on in AWS. */
  readonly role: string
  /** The runner in a region's network, from which clusters can be reached. None: only AWS itself is asked. */
  readonly runner?: string
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
  /** The variable at GitHub that holds the account. */
  readonly accountVariable: string
  /** The roles that read everything, and that push images. */
  readonly previewRole: string
  readonly imagesRole: string
  /** In the order in which they come up by hand. */
  readonly stacks: readonly string[]
  /** A wave begins when the gate behind the one before is open: what serves nobody, then what serves more. */
  readonly waves: Readonly<Record<'global' | RegionPolicy['role'] | 'links', readonly Job[]>>
  /** All of them in one list, for what changes nothing. */
  readonly jobs: readonly Job[]
}

/** What `infra/aws/global` calls a role of CI, and `infra/aws/cluster` the runner of a region. */
const roleName = (environment: string, what: string): string => `nd-${environment}-ci-${what}`
const runnerName = (environment: string, region: string): string => `nd-${environment}-${region}-runner`

/** The jobs of a plan. What a job changes is one region's, so that a bad change stops in the region that serves nobody. */
export function outline(policies: Policies, { environment, stages }: Plan): Outline {
  const job = (key: string, wanted: (stack: CloudStack) => boolean): Job[] => {
    const stacks = stages.filter(wanted).map(({ name }) => name)
    const role = roleName(environment, `deploy-${key}`)
    return stacks.length > 0 ? [{ environment: `${environment}-${key}`, role, stacks }] : []
  }
  const shared = (kind: CloudStack['kind']) => job('global', (stack) => stack.kind === kind)
  const regions = waves(policies, environment)
  const withRole = (role: RegionPolicy['role']) => regions.filter((region) => policies.regions[region]?.role === role)
  const wave = (role: RegionPolicy['role']) =>
    withRole(role).flatMap((region) =>
      job(region, (stack) => 'region' in stack && stack.region === region).map((made) => ({
        ...made,
        region,
        runner: runnerName(environment, region),
      })),
    )
  const [home] = withRole('primary')
  if (!home) throw new DeployError('UNKNOWN_REGION', `The environment '${environment}' has no primary region.`)
  const all = {
    global: shared('global'),
    dr: wave('dr'),
    secondary: wave('secondary'),
    primary: wave('primary'),
    // It talks to every region's cluster, over the networks that it joins.
    links: shared('links').map((made) => ({ ...made, runner: runnerName(environment, home) })),
  }
  return {
    environment,
    engine: pins.pulumi.version,
    state: { bucket: `nd-${environment}-pulumi`, region: home },
    accountVariable: `AWS_ACCOUNT_${environment.toUpperCase()}`,
    previewRole: roleName(environment, 'preview'),
    imagesRole: roleName(environment, 'images'),
    stacks: stages.map(({ name }) => name),
    waves: all,
    jobs: Object.values(all).flat(),
  }
}
