import { parseArgs } from 'node:util'
import { buildImages, importImages } from '../../infra/local/images/index.ts'
import {
  chooseProfile,
  isProfile,
  noProfile,
  type Profile,
  type Region,
  startRegion,
} from '../../infra/local/region.ts'
import { checkEnvironment } from '../../policies/checks/index.ts'
import { environments } from '../../policies/environments.ts'
import { services } from '../../policies/services.ts'
import { ensure } from '../engine/ensure.ts'
import { regionArtefacts } from '../engine/pins.ts'
import { bundlePrograms } from './bundle.ts'
import { places, UsageError } from './context.ts'
import { pulumiFor } from './pulumi.ts'
import { command } from './run.ts'
import { Steps } from './steps.ts'

const usage = `usage: nd up [--profile core|full] [--verbose]

Brings the local region up, or applies what changed since. Takes minutes the first time (it gets the tools), under three
minutes after. Safe to interrupt and to run again. NEURODEFENDER_REGION names the region (default: local).

  --profile  what the region runs: core takes events in and answers for them (the default); full adds the mesh and what is
             reached through it. A region keeps its profile: core may become full, and goes back by 'nd down' alone.`

/** The stacks of a local region, in the order in which they come up. */
export const stacks = ['local', 'local-services'] as const

export interface UpOptions {
  readonly steps: Steps
  /** @default the profile that the region has, else core */
  readonly profile?: Profile | undefined
  readonly signal?: AbortSignal | undefined
  readonly environment?: NodeJS.ProcessEnv
}

/** What came up, and which of Pulumi's plugins are not the official ones. */
export interface Brought {
  readonly region: Region
  readonly standIns: readonly string[]
}

/** Tools, images, node, platform, services: each step is skipped by what it finds done. */
export async function up({ steps, signal, environment, profile: asked }: UpOptions): Promise<Brought> {
  const where = places(environment)
  const profile = chooseProfile(where.region, where.stateRoot, asked)
  checkEnvironment('local')
  const toolchain = await steps.run('tools', (note) =>
    ensure(regionArtefacts(profile), { cacheRoot: where.cacheRoot, onProgress: note, signal }),
  )
  const bundles = await steps.run('programs', () => bundlePrograms(where.cacheRoot, profile))
  const images = await steps.run('images', (note) =>
    buildImages({
      toolchain,
      cacheRoot: where.cacheRoot,
      bundles,
      profile,
      prompt: toolchain.bin('prompt'),
      onProgress: note,
      signal,
    }),
  )
  const region = await steps.run('node', (note) =>
    startRegion({
      name: where.region,
      toolchain,
      stateRoot: where.stateRoot,
      cacheRoot: where.cacheRoot,
      profile,
      onProgress: note,
      signal,
    }),
  )
  await steps.run('import', (note) => importImages({ region, toolchain, images, onProgress: note, signal }))
  const project = pulumiFor(where, toolchain)
  for (const stack of stacks)
    await steps.run(`pulumi up ${stack}`, (note) => project.up(stack, { onOutput: note, signal }))
  // A local region needs no other plugin, though all that are missing have a stand-in.
  const used = project.standIns.filter((name) => /-(?:nodejs|kubernetes)$/.test(name))
  return { region, standIns: used }
}

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values } = parseArgs({
      args,
      options: {
        profile: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const { profile } = values
    if (profile !== undefined && !isProfile(profile)) throw new UsageError(noProfile(profile))
    const { region, standIns } = await up({ steps: new Steps({ verbose: values.verbose }), signal, profile })
    const at = (service: 'event-collector' | 'analytics' | 'prometheus') =>
      `https://${region.nodeAddress}:${services[service].nodePort}`
    const gateway =
      region.profile === 'full'
        ? `  gateway      https://${region.nodeAddress}:${environments.local.mesh.nodePort}   (what is reached through the mesh)\n`
        : ''
    const standIn = standIns.length
      ? `\nNeurodefender's stand-ins did the work of ${standIns.join(' and ')}, which this machine does not have: docs/pulumi.md says what they leave out.\n`
      : ''
    console.log(`
The region '${region.name}' is up${region.profile === 'core' ? '' : `, with the profile ${region.profile}`}.
  collector    ${at('event-collector')}/v1/events
  analytics    ${at('analytics')}/v1/query
  Prometheus   ${at('prometheus')}   (user nd, password in ${region.state}/secrets.json)
${gateway}  Kubernetes   ${region.apiServer}   (kubeconfig: ${region.state}/admin.kubeconfig)
  authority    ${region.state}/workload-pki/ca.crt

This node has no NetworkPolicy enforcer: the policies are applied to the API server, and nothing drops packets by them.
${standIn}
Try next:
  make send                     500 real Windows events; FILE=… for yours
  make query                    what arrived
  \${EDITOR:-vi} policies/scaling.ts && make preview     what an edit would change
  eval "$(make -s env)"         then plain kubectl and pulumi work
  make down                     takes it all away again`)
    return 0
  })
