import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { environments } from '../../policies/environments.ts'
import type { Size } from '../../policies/model/service.ts'
import type { ServiceName } from '../../policies/services.ts'

/** User and group of every process in a pod: nobody in particular, and owner of nothing in the images. */
export const podUser = 65532

/** Replicas of the services that keep data; a service that is not here has one. */
function replicas(service: ServiceName): number {
  const { kafka, clickhouse, redis } = environments.local
  return { kafka, clickhouse, redis }[service as 'kafka' | 'clickhouse' | 'redis']?.replicas ?? 1
}

/** The folders that become local volumes: `<service>-<ordinal>` for every service with storage in the local environment. */
export const volumeNames = (): string[] =>
  (Object.entries(environments.local.sizes) as [ServiceName, Size][])
    .filter(([, size]) => size.storage)
    .flatMap(([service]) => Array.from({ length: replicas(service) }, (_, ordinal) => `${service}-${ordinal}`))

/** Makes the missing volume folders, owned by the pods' user. */
export function ensureVolumes(folder: string): void {
  for (const name of volumeNames()) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
    chownSync(join(folder, name), podUser, podUser)
  }
}
