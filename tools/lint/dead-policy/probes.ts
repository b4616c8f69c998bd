import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recordGraph } from '../../../infra/graph/record.ts'
import { chartScope } from '../../../infra/kubernetes/context.ts'
import { commonLabels } from '../../../infra/kubernetes/names.ts'
import { synthesize } from '../../../infra/kubernetes/synthesize.ts'
import { cloudContext, testContext } from '../../../infra/kubernetes/test/context.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { EnvironmentName } from '../../../policies/environments.ts'
import { verdicts } from '../../../policies/guardrails/judge.ts'
import { guardedManifest } from '../../../policies/guardrails/manifests.ts'
import { guardrails } from '../../../policies/guardrails/rules/index.ts'
import type { RegionName } from '../../../policies/regions.ts'
import { type CloudStack, cloudStacks } from '../../../stacks/names.ts'
import { exampleRegion } from '../../../stacks/testing/region.ts'
import { letPoliciesContradict } from '../../preview/build/unjudged.ts'
import { transcript } from './recorder.ts'
import type { Loader } from './reload.ts'

/** Something that the product does, as a value that can be compared. It calls what the product calls, and never shows a policy as it is. */
export interface Probe {
  readonly name: string
  readonly kind: 'object' | 'behaviour'
  /** Observes the environment `environment` under the loader's policies. */
  readonly run: (loader: Loader, environment: EnvironmentName) => unknown
}

const behaviour = (name: string, run: Probe['run']): Probe => ({ name, kind: 'behaviour', run })

const cloudRegions = ['us-east-1', 'us-east-2', 'us-west-2'] as const satisfies readonly RegionName[]

/** The entry files of our services, wherever one is. */
const mains = globSync('services/*/*/main.ts', { cwd: fileURLToPath(new URL('../../..', import.meta.url)) }).sort()

/** A Deployment of one container that says nothing of itself. */
const bare = { replicas: 2, template: { spec: { containers: [{ name: 'main' }] } } }

// What a stack makes of a value is asked here, not whether the value is allowed.
letPoliciesContradict(fileURLToPath(new URL('../../..', import.meta.url)))
const { programOf } = await import('../../../stacks/index.ts')

/** What a stack of a kind registers in an environment of the cloud: the global one, the region that leads, or the links of examples. */
async function graphs(policies: Policies, environment: EnvironmentName, kind: CloudStack['kind']) {
  const all = cloudStacks(policies).filter((stack) => stack.environment === environment)
  const [global, wanted] = [all.at(0), all.filter((stack) => stack.kind === kind).at(-1)]
  if (!global || !wanted) return []
  const record = (name: string, outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>) =>
    recordGraph(name, programOf(name, policies), { outputs })
  const once = await record(global.name, {})
  if (kind === 'global') return once
  const examples = (policies.environments[environment]?.regions ?? []).map(
    (region) => [`${environment}-${region}`, exampleRegion(environment, region)] as const,
  )
  return record(wanted.name, { [global.name]: once.outputs, ...Object.fromEntries(examples) })
}

/** Every probe; quick ones first. */
export const probes: readonly Probe[] = [
  {
    name: 'objects of Kubernetes',
    kind: 'object',
    run: ({ policies }, environment) => {
      const context = environment === 'local' ? testContext : cloudContext
      return (['platform', 'services'] as const).map((part) => {
        const { manifests, releases } = synthesize(environment, part, context, policies)
        return [manifests, releases]
      })
    },
  },
  {
    name: 'labels of every object in a region',
    kind: 'object',
    run: ({ policies }, environment) =>
      cloudRegions.map((region) => commonLabels(chartScope(environment, { ...cloudContext, region }, policies))),
  },
  behaviour('what the policy pack says of a bare workload and a repository', ({ policies }, environment) => {
    const manifest = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'bare', namespace: 'siem' },
      spec: bare,
    }
    const repository = { urn: 'a', type: 'aws:ecr/repository:Repository', name: 'a', props: {}, dependencies: [] }
    const found = verdicts([guardedManifest(manifest), repository], { environment }, guardrails, {
      policies,
      exemptions: [],
    })
    return found.map(({ rule, binds }) => [rule.name, binds])
  }),
  ...(['global', 'region', 'links'] as const).map(
    (kind): Probe => ({
      name: `the graph of the ${kind} stacks`,
      kind: 'object',
      run: ({ policies }, environment) => graphs(policies, environment, kind),
    }),
  ),
  behaviour('volumes of the local region', async ({ load }) =>
    (await load<typeof import('../../../infra/local/volumes.ts')>('infra/local/volumes.ts')).volumeNames(),
  ),
  behaviour('slot and partition of tenants', async ({ load }) => {
    const path = 'services/common/sharding/slot.ts'
    const { slotOf } = await load<typeof import('../../../services/common/sharding/slot.ts')>(path)
    return Array.from({ length: 20 }, (_, i) => slotOf(`tenant-${i}`))
  }),
  behaviour('topics as they are made', async ({ load, policies }, environment) => {
    const path = 'services/platform/topics/plan.ts'
    const { wantedTopics } = await load<typeof import('../../../services/platform/topics/plan.ts')>(path)
    return wantedTopics(policies.environments[environment]!, policies.cloud[environment])
  }),
  behaviour('the largest record that is sent', async ({ load }) => {
    const path = 'services/common/bus/outbox.ts'
    const { maxValueBytes } = await load<typeof import('../../../services/common/bus/outbox.ts')>(path)
    return [maxValueBytes('events.raw'), maxValueBytes('events.dead-letter')]
  }),
  behaviour('limits of the local hot tier', async ({ load }) => {
    const path = 'infra/local/clickhouse/config.ts'
    const { readConfig } = await load<typeof import('../../../infra/local/clickhouse/config.ts')>(path)
    const folder = mkdtempSync(join(tmpdir(), 'nd-probe-'))
    try {
      for (const file of ['tls.crt', 'tls.key', 'ca.crt']) writeFileSync(join(folder, file), file)
      const users = join(folder, 'users.json')
      writeFileSync(users, '{"sink": {"password": "probe-password", "access": "write"}}')
      const { limits, graceMs, port, adminPort } = readConfig({ ND_TLS_DIR: folder, ND_CLICKHOUSE_USERS_FILE: users })
      return { limits, graceMs, port, adminPort }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }),
  ...mains.map((main) =>
    behaviour(`what ${main} starts`, (loader, environment) => transcript(loader, main, environment)),
  ),
]
