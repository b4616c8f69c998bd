import { awsScope } from '../../../infra/aws/scope.ts'
import type { ChartContext, EmbeddedCluster, ManagedCluster } from '../../../infra/kubernetes/context.ts'
import { type Manifest, synthesize } from '../../../infra/kubernetes/synthesize.ts'
import { cloudContext, testContext } from '../../../infra/kubernetes/test/context.ts'
import { policies } from '../../../policies/bundle.ts'
import { type EnvironmentName, environments } from '../../../policies/environments.ts'
import type { RegionName } from '../../../policies/regions.ts'
import { regionContext } from '../../../stacks/region-context.ts'
import { clusterIps } from '../../engine/pulumi/testing/control-plane.ts'

/** All objects of the two stacks of one region. */
export interface Region {
  /** 'prod in us-east-1' */
  readonly name: string
  readonly environment: EnvironmentName
  readonly objects: readonly Manifest[]
}

const embedded = testContext.cluster as EmbeddedCluster
/** One that the API server under test may give to the name server. */
const dnsAddress = clusterIps.replace('.0/24', '.10')
const managed = cloudContext.cluster as ManagedCluster

/** What the stack of a region gives its charts, with everything that a chart can be given, and nobody's secrets. */
function contextOf(environment: EnvironmentName, region: RegionName): ChartContext {
  if (environment === 'local') return { ...testContext, cluster: { ...embedded, dnsAddress } }
  const { entry, backups, models, nodeRole, kafka, cache, authority } = managed
  if (!entry || !backups || !models) throw new RangeError('The context of the tests lacks an entry or a bucket.')
  return regionContext(awsScope(environment, region, policies), {
    clusterName: `nd-${environment}-${region}`,
    ...{ nodeRole, authority, entry, backups, models },
    kafkaBrokers: kafka,
    cacheHost: cache.host,
    images: cloudContext.images,
    secrets: cloudContext.secrets,
  })
}

/** Every region of every environment. */
export const regions: readonly Region[] = (Object.keys(environments) as EnvironmentName[]).flatMap((environment) =>
  environments[environment].regions.map((region) => {
    const context = contextOf(environment, region)
    return {
      name: `${environment} in ${region}`,
      environment,
      objects: (['platform', 'services'] as const).flatMap((part) => synthesize(environment, part, context).manifests),
    }
  }),
)

/** The first object of a kind, of production. */
export const find = (kind: string): Manifest => {
  const found = regions
    .filter(({ environment }) => environment === 'prod')
    .flatMap(({ objects }) => objects)
    .find((object) => object.kind === kind)
  if (!found) throw new RangeError(`There is no ${kind}.`)
  return found
}
