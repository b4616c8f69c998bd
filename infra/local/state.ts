import { homedir } from 'node:os'
import { join } from 'node:path'
import type { AddressPlan } from './address.ts'
import { LocalRegionError } from './errors.ts'
import { readJson } from './files.ts'
import type { Profile } from './profile.ts'
import type { RegionSecrets } from './secrets.ts'

/** What `region.json` says: the facts of a region that others build on. */
export interface RegionFacts {
  readonly name: string
  readonly index: number
  readonly nodeName: string
  readonly nodeAddress: string
  /** https URL of the Kubernetes API. */
  readonly apiServer: string
  readonly podCidr: string
  readonly serviceCidr: string
  readonly dnsAddress: string
  readonly hostAddress: string
  readonly domain: 'cluster.local'
  readonly profile: Profile
}

/** Of a region from before there were profiles, which has none. */
type StoredFacts = Omit<RegionFacts, 'profile'> & Partial<Pick<RegionFacts, 'profile'>>

/** Where everything of a region lies, all below its state folder. */
export interface RegionPaths {
  readonly state: string
  readonly kubeconfig: string
  readonly facts: string
  readonly secrets: string
  readonly images: string
  /** The definitions of the mesh's kinds; there in the profile `full` alone. */
  readonly meshDefinitions: string
  /** The same of KEDA's kinds. */
  readonly kedaDefinitions: string
  readonly pki: string
  readonly workloadPki: string
  readonly volumes: string
  readonly pulumi: string
  readonly log: string
  readonly run: string
  readonly containerdSocket: string
}

export interface Region extends RegionFacts {
  /** The state folder; `paths` says what is in it. */
  readonly state: string
  readonly paths: RegionPaths
  readonly secrets: RegionSecrets
  /** Image name → reference by digest. */
  readonly images: Readonly<Record<string, string>>
}

export const domain = 'cluster.local' as const
export const apiServerPort = 6443

/** A region's name is part of a link's name, which Linux limits to 15 bytes. Throws BAD_NAME. */
export function checkRegionName(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,9}$/.test(name) || name.endsWith('-'))
    throw new LocalRegionError(
      'BAD_NAME',
      `'${name}' cannot name a region: use 1 to 10 lower-case letters, digits and dashes, starting with a letter.`,
    )
  return name
}

/** The folder that holds every region's state. */
export const defaultStateRoot = (env: NodeJS.ProcessEnv = process.env): string =>
  env.NEURODEFENDER_STATE || join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'neurodefender')

/** The folder that holds tools, images and downloads. */
export const defaultCacheRoot = (env: NodeJS.ProcessEnv = process.env): string =>
  env.NEURODEFENDER_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'neurodefender')

export function regionPaths(stateRoot: string, name: string): RegionPaths {
  const state = join(stateRoot, checkRegionName(name))
  const at = (part: string): string => join(state, part)
  return {
    state,
    kubeconfig: at('admin.kubeconfig'),
    facts: at('region.json'),
    secrets: at('secrets.json'),
    images: at('images.json'),
    meshDefinitions: at('mesh-definitions.yaml'),
    kedaDefinitions: at('keda-definitions.yaml'),
    pki: at('pki'),
    workloadPki: at('workload-pki'),
    volumes: at('volumes'),
    pulumi: at('pulumi'),
    log: at('log'),
    run: at('run'),
    containerdSocket: at('run/containerd.sock'),
  }
}

/** What the supervisor is started with. */
export const planFile = ({ run }: Pick<RegionPaths, 'run'>): string => `${run}/plan.json`

export function regionFacts(name: string, plan: AddressPlan, profile: Profile): RegionFacts {
  return {
    name,
    index: plan.index,
    nodeName: `${name}-0`,
    nodeAddress: plan.nodeAddress,
    apiServer: `https://${plan.nodeAddress}:${apiServerPort}`,
    podCidr: plan.podCidr,
    serviceCidr: plan.serviceCidr,
    dnsAddress: plan.dnsAddress,
    hostAddress: plan.hostAddress,
    domain,
    profile,
  }
}

/** The region as its state folder describes it, running or not. Throws NO_REGION when there is none. */
export function readRegion(name: string, stateRoot: string = defaultStateRoot()): Region {
  const paths = regionPaths(stateRoot, name)
  const facts = readJson<StoredFacts>(paths.facts)
  const secrets = readJson<RegionSecrets>(paths.secrets)
  if (!facts || !secrets)
    throw new LocalRegionError('NO_REGION', `There is no region '${name}' in ${stateRoot}. Bring it up with 'make up'.`)
  return {
    ...facts,
    // Regions from before there were profiles have none.
    profile: facts.profile ?? 'core',
    state: paths.state,
    paths,
    secrets,
    images: readJson<Record<string, string>>(paths.images) ?? {},
  }
}

/** The profile that a region has, running or not; of one that is not there, none. */
export const profileOf = (name: string, stateRoot: string): Profile | undefined => {
  const facts = readJson<StoredFacts>(regionPaths(stateRoot, name).facts)
  return facts && (facts.profile ?? 'core')
}
