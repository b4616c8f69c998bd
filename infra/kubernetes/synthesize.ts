import { ApiObject, App, type Chart } from 'cdk8s'
import { policies as inForce, type Policies } from '../../policies/bundle.ts'
import type { EnvironmentName } from '../../policies/environments.ts'
import { LocalKeda } from './autoscaler/local.ts'
import { localKedaScope } from './autoscaler/scope.ts'
import { Alertmanager } from './charts/alertmanager.ts'
import { AutoscalerAccess } from './charts/autoscaler-access.ts'
import { ClickHouse } from './charts/clickhouse.ts'
import { Issuer, Volumes } from './charts/cluster-needs.ts'
import { CoreDns } from './charts/coredns.ts'
import { Definitions } from './charts/definitions.ts'
import { Elasticsearch } from './charts/elasticsearch.ts'
import { Forecasts } from './charts/forecasts.ts'
import { Headroom, Priorities } from './charts/headroom.ts'
import { HotTier } from './charts/hot-tier/installation.ts'
import { Keeper } from './charts/hot-tier/keeper.ts'
import { Kafka } from './charts/kafka.ts'
import { Machines } from './charts/machines.ts'
import { Namespaces } from './charts/namespaces.ts'
import { Ngfw } from './charts/ngfw.ts'
import { OperatorGround } from './charts/operator-ground.ts'
import { Prometheus } from './charts/prometheus.ts'
import { Redis } from './charts/redis.ts'
import { Siem } from './charts/siem.ts'
import { TraceReceiver } from './charts/traces.ts'
import { incomplete } from './checks/complete.ts'
import { assertManifests } from './checks/findings.ts'
import { lostFields } from './checks/lost-fields.ts'
import { type ChartContext, type ChartScope, chartScope, type EmbeddedCluster, type ManagedCluster } from './context.ts'
import { Mesh } from './mesh/index.ts'
import { LocalMesh } from './mesh/local/index.ts'
import { localMeshScope } from './mesh/local/scope.ts'
import { hasMesh } from './names.ts'
import type { Release } from './operators/release.ts'
import { releases } from './operators/releases.ts'
import { OutputResolver } from './output-resolver.ts'
import { autoscaled } from './replicas.ts'

/** What stands in a cluster: `platform` first, then the workloads of the product. */
export type Part = 'platform' | 'services'

/** An object of Kubernetes as JSON; what Pulumi will know later is a placeholder. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** All objects of one part of a region. */
export interface Synthesis {
  readonly part: Part
  readonly environment: EnvironmentName
  readonly manifests: readonly Manifest[]
  /** The controllers of others that stand before these objects. */
  readonly releases: readonly Release[]
  /** Puts Pulumi's Outputs back into their places. */
  readonly outputs: OutputResolver
  /** Deployments whose `replicas` an autoscaler owns, as namespace/name. */
  readonly autoscaled: ReadonlySet<string>
}

const parts: Readonly<Record<Part, (app: App, scope: ChartScope) => void>> = {
  platform(app, scope) {
    new Namespaces(app, scope)
    const { cluster } = scope.context
    if (cluster.kind === 'embedded') embeddedPlatform(app, scope, cluster)
    else managedPlatform(app, scope, cluster)
    new Prometheus(app, scope)
    if (cluster.kind === 'managed') new Mesh(app, scope)
  },
  services(app, scope) {
    new Siem(app, scope)
    if (!hasMesh(scope)) return
    new Ngfw(app, scope)
    new Forecasts(app, scope)
  },
}

/** The engines as pods, and the name server that the machine does not have. */
function embeddedPlatform(app: App, scope: ChartScope, cluster: EmbeddedCluster): void {
  if (scope.policy.dns) new CoreDns(app, scope, cluster, scope.policy.dns)
  new Kafka(app, scope)
  new ClickHouse(app, scope)
  new Redis(app, scope)
  const mesh = localMeshScope(scope)
  if (mesh) {
    new Definitions(app, scope)
    new LocalMesh(app, mesh)
  }
  const keda = localKedaScope(scope)
  if (keda) new LocalKeda(app, keda)
}

/** Machines, authorities and engines by operators; Kafka and the cache are AWS's. */
function managedPlatform(app: App, scope: ChartScope, cluster: ManagedCluster): void {
  new OperatorGround(app, scope)
  new Priorities(app, scope)
  new Definitions(app, scope)
  new Volumes(app, scope, cluster)
  new Machines(app, scope, cluster)
  new Issuer(app, scope, cluster)
  new AutoscalerAccess(app, scope)
  new TraceReceiver(app, scope)
  new Alertmanager(app, scope)
  new Keeper(app, scope)
  new HotTier(app, scope)
  new Elasticsearch(app, scope)
  new Headroom(app, scope)
}

/**
 * The objects of one part of a region: a function of environment, context and policies alone. Throws ManifestError when a field was
 * lost on the way to JSON or an object lacks what every object must have, RangeError when the context lacks something.
 */
export function synthesize(
  environment: EnvironmentName,
  part: Part,
  context: ChartContext,
  policies: Policies = inForce,
): Synthesis {
  const outputs = new OutputResolver()
  const scope = chartScope(environment, context, policies)
  const app = new App({ resolvers: [outputs] })
  parts[part](app, scope)
  const objects = (app.node.children as Chart[]).flatMap((chart) => chart.node.findAll().filter(ApiObject.isApiObject))
  const rendered = objects.map((object) => ({ object, json: object.toJson() as Manifest }))
  assertManifests(rendered.flatMap(({ object, json }) => [...lostFields(object, json, outputs), ...incomplete(json)]))
  const manifests = rendered.map(({ json }) => json)
  const own = manifests.filter(({ kind, metadata }) => kind === 'Deployment' && autoscaled(scope, metadata.name))
  return {
    part,
    environment,
    manifests,
    releases: part === 'platform' ? releases(scope) : [],
    outputs,
    autoscaled: new Set(own.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)),
  }
}
