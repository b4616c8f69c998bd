import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addresses } from '../../../infra/aws/network/addresses.ts'
import { awsScope } from '../../../infra/aws/scope.ts'
import { recordGraph } from '../../../infra/graph/record.ts'
import { chartScope } from '../../../infra/kubernetes/context.ts'
import { commonLabels } from '../../../infra/kubernetes/names.ts'
import { synthesize } from '../../../infra/kubernetes/synthesize.ts'
import { cloudContext, fullContext } from '../../../infra/kubernetes/test/context.ts'
import type { Policies } from '../../../policies/bundle.ts'
import type { CloudEnvironment } from '../../../policies/cloud.ts'
import type { EnvironmentName } from '../../../policies/environments.ts'
import { verdicts } from '../../../policies/guardrails/judge.ts'
import { guardedManifest } from '../../../policies/guardrails/manifests.ts'
import { guardrails } from '../../../policies/guardrails/rules/index.ts'
import { milliseconds } from '../../../policies/model/units.ts'
import type { RegionName } from '../../../policies/regions.ts'
import { type CloudStack, cloudStacks } from '../../../stacks/names.ts'
import { exampleRegion } from '../../../stacks/testing/region.ts'
import { vendorCopies } from '../../images/vendors.ts'
import { letPoliciesContradict } from '../../preview/build/unjudged.ts'
import { growth } from '../../preview/growth/growth.ts'
import { transcript } from './recorder.ts'
import type { Loader } from './reload.ts'

/** Something that the product does, as a value that can be compared. It calls what the product calls, and never shows a policy as it is. */
export interface Probe {
  readonly name: string
  readonly kind: 'object' | 'behaviour'
  /** Whether it may be worth asking about a leaf: a probe that takes long is not asked about what it cannot see. Default: always. */
  readonly about?: (path: string) => boolean
  /** Observes the environment `environment` under the loader's policies. */
  readonly run: (loader: Loader, environment: EnvironmentName) => unknown
}

const behaviour = (name: string, run: Probe['run'], about: Probe['about'] = () => true): Probe => ({
  name,
  kind: 'behaviour',
  about,
  run,
})

const cloudRegions = ['us-east-1', 'us-east-2', 'us-west-2'] as const satisfies readonly RegionName[]

/** Facts of the cloud, which no program of ours reads but the job that makes topics. */
const ofCloud = (path: string): boolean =>
  /^(cloud|links|regions|images|operators|traffic|buckets)\./.test(path) && !/^cloud\.\w+\.kafka\./.test(path)

/** Facts that only the stacks of AWS turn into something. */
const ofAws = (path: string): boolean =>
  ofCloud(path) ||
  /^(cloud|topics|storage\.hot|objectives\.(dataClasses|query|ingest)|environments\.\w+\.(kafka|redis|clickhouse|regions)|scaling|services)\b/.test(
    path,
  )

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
      const context = environment === 'local' ? fullContext : cloudContext
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
  {
    name: 'addresses and zones of every region',
    kind: 'object',
    run: ({ policies }, environment) =>
      Object.hasOwn(policies.cloud, environment)
        ? cloudRegions.map((region) => addresses(awsScope(environment as CloudEnvironment, region, policies)))
        : [],
  },
  behaviour('what CI copies of vendors', ({ policies }) => vendorCopies(policies.images)),
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
      about: ofAws,
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
  behaviour('slots and reports of shards', async ({ load }) => {
    const slot = await load<typeof import('../../../services/common/sharding/slot.ts')>(
      'services/common/sharding/slot.ts',
    )
    const report = await load<typeof import('../../../services/common/sharding/report.ts')>(
      'services/common/sharding/report.ts',
    )
    return [slot.slotCount, report.repeatEveryMs]
  }),
  behaviour('how a canary walks', async ({ load, policies: { traffic } }) => {
    const { walkPolicy } = await load<typeof import('../../../services/platform/operator/canary/controller.ts')>(
      'services/platform/operator/canary/controller.ts',
    )
    const spec = { replicas: 4, model: { version: '1', uri: 'file:///m', sha256: '' } }
    return walkPolicy(spec, traffic.canary)
  }),
  behaviour('who would own what', async ({ load, policies: { sharding } }) => {
    const folder = 'services/platform/shard-manager'
    const change = await load<typeof import('../../../services/platform/shard-manager/change.ts')>(
      `${folder}/change.ts`,
    )
    const { asked } = await load<typeof import('../../../services/platform/shard-manager/request.ts')>(
      `${folder}/request.ts`,
    )
    const { plan } = await load<typeof import('../../../services/platform/shard-manager/plan/plan.ts')>(
      `${folder}/plan/plan.ts`,
    )
    const map = change.emptyMap(8, change.shardsFor(change.emptyMap(8, []), 7, 'local'))
    const place = Object.keys(sharding.classes).map((kind) => ({ tenant: `a-${kind}`, class: kind }))
    const { shards, placements } = asked(map, { cause: '', weights: {}, place, release: [] }, sharding.classes)
    const { classes, maxLoad } = sharding
    const { owners, findings } = plan({ ...map, shards, placements, classes, maxLoad, loadOf: () => 1 })
    return [owners.join(), findings, placements.map(({ by, slots }) => [by, slots])]
  }),
  behaviour(
    'what the preview reckons that a region takes at its load',
    ({ policies }) => growth(policies).map(({ services, machines }) => [services, [...machines]]),
    (path) => path.startsWith('objectives.load.'),
  ),
  behaviour('what is traced, and what may wait to be told', async ({ load }) => {
    const path = 'services/common/tracing/open.ts'
    const { tracingSettings } = await load<typeof import('../../../services/common/tracing/open.ts')>(path)
    return tracingSettings
  }),
  behaviour('topics as they are made', async ({ load, policies }, environment) => {
    const path = 'services/platform/topics/plan.ts'
    const { wantedTopics } = await load<typeof import('../../../services/platform/topics/plan.ts')>(path)
    const localRetention = policies.cloud[environment]?.kafka.localRetention
    return wantedTopics(policies.environments[environment]!, localRetention && milliseconds(localRetention))
  }),
  behaviour('objects that the operator makes of a model', async ({ load }) => {
    const folder = 'services/platform/operator'
    const fixtures = await load<typeof import('../../../services/platform/operator/testing/fixtures.ts')>(
      `${folder}/testing/fixtures.ts`,
    )
    const { inferenceOf } = await load<typeof import('../../../services/platform/operator/inference.ts')>(
      `${folder}/inference.ts`,
    )
    const { desired } = await load<typeof import('../../../services/platform/operator/desired/desired.ts')>(
      `${folder}/desired/desired.ts`,
    )
    const seed = fixtures.seed({ scaling: { policy: 'ml_inference' } })
    const inference = inferenceOf({ ...seed, metadata: { ...seed.metadata, uid: 'u' } })
    const serves = { mesh: true, keda: true }
    const plan = { stable: inference.spec.model }
    return desired(inference, fixtures.cloudRegion, { plan, serves, weights: { stable: 100, canary: 0 } }).objects
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
    behaviour(
      `what ${main} starts`,
      (loader, environment) => transcript(loader, main, environment),
      (path) => !ofCloud(path),
    ),
  ),
]
