import { caching } from './caching.ts'
import { environments } from './environments.ts'
import type { CachingPolicy } from './model/caching.ts'
import type { EnvironmentPolicy } from './model/environment.ts'
import type { ObjectivesPolicy } from './model/objectives.ts'
import type { RegionPolicy } from './model/region.ts'
import type { ScalingPolicy } from './model/scaling.ts'
import type { ServicePolicy } from './model/service.ts'
import type { ShardingPolicy } from './model/sharding.ts'
import type { StoragePolicy, TopicPolicy } from './model/storage.ts'
import { objectives } from './objectives.ts'
import { regions } from './regions.ts'
import { scaling } from './scaling.ts'
import { services } from './services.ts'
import { sharding } from './sharding.ts'
import { storage, topics } from './storage.ts'

/** All policies as one value, so that a check or a test can judge a set that is not the one in force. */
export interface Policies {
  readonly caching: CachingPolicy
  readonly environments: Readonly<Record<string, EnvironmentPolicy>>
  readonly objectives: ObjectivesPolicy
  readonly regions: Readonly<Record<string, RegionPolicy>>
  readonly scaling: Readonly<Record<string, ScalingPolicy>>
  readonly services: Readonly<Record<string, ServicePolicy>>
  readonly sharding: ShardingPolicy
  readonly storage: StoragePolicy
  readonly topics: Readonly<Record<string, TopicPolicy>>
}

/** The policies in force. */
export const policies: Policies = {
  caching,
  environments,
  objectives,
  regions,
  scaling,
  services,
  sharding,
  storage,
  topics,
}
