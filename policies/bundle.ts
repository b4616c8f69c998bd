import { alerting } from './alerting.ts'
import { caching } from './caching.ts'
import { cloud } from './cloud.ts'
import { environments } from './environments.ts'
import { images } from './images.ts'
import type { AlertingPolicy } from './model/alerting.ts'
import type { CachingPolicy } from './model/caching.ts'
import type { CloudPolicy } from './model/cloud.ts'
import type { EnvironmentPolicy } from './model/environment.ts'
import type { ImagePolicy } from './model/image.ts'
import type { MonitoringPolicy } from './model/monitoring.ts'
import type { ObjectivesPolicy } from './model/objectives.ts'
import type { OperatorsPolicy } from './model/operators.ts'
import type { RegionLink, RegionPolicy } from './model/region.ts'
import type { ScalingPolicy } from './model/scaling.ts'
import type { ServicePolicy } from './model/service.ts'
import type { ShardingPolicy } from './model/sharding.ts'
import type { BucketPolicy, StoragePolicy, TopicPolicy } from './model/storage.ts'
import type { TracingPolicy } from './model/tracing.ts'
import type { TrafficPolicy } from './model/traffic.ts'
import { monitoring } from './monitoring.ts'
import { objectives } from './objectives.ts'
import { operators } from './operators.ts'
import { links, regions } from './regions.ts'
import { scaling } from './scaling.ts'
import { services } from './services.ts'
import { sharding } from './sharding.ts'
import { buckets, storage, topics } from './storage.ts'
import { tracing } from './tracing.ts'
import { traffic } from './traffic.ts'

/** All policies as one value, so that a check or a test can judge a set that is not the one in force. */
export interface Policies {
  readonly alerting: AlertingPolicy
  readonly buckets: Readonly<Record<string, BucketPolicy>>
  readonly caching: CachingPolicy
  readonly cloud: Readonly<Record<string, CloudPolicy>>
  readonly environments: Readonly<Record<string, EnvironmentPolicy>>
  readonly images: Readonly<Record<string, ImagePolicy>>
  readonly links: readonly RegionLink[]
  readonly monitoring: MonitoringPolicy
  readonly objectives: ObjectivesPolicy
  readonly operators: OperatorsPolicy
  readonly regions: Readonly<Record<string, RegionPolicy>>
  readonly scaling: Readonly<Record<string, ScalingPolicy>>
  readonly services: Readonly<Record<string, ServicePolicy>>
  readonly sharding: ShardingPolicy
  readonly storage: StoragePolicy
  readonly topics: Readonly<Record<string, TopicPolicy>>
  readonly tracing: TracingPolicy
  readonly traffic: TrafficPolicy
}

/** The policies in force. */
export const policies: Policies = {
  alerting,
  buckets,
  caching,
  cloud,
  environments,
  images,
  links,
  monitoring,
  objectives,
  operators,
  regions,
  scaling,
  services,
  sharding,
  storage,
  topics,
  tracing,
  traffic,
}
