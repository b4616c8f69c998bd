import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { policies } from '../../policies/bundle.ts'
import { environments } from '../../policies/environments.ts'
import { podUser } from '../../policies/model/pod-security.ts'
import type { Size } from '../../policies/model/service.ts'
import { replicaBounds } from '../../policies/replicas.ts'
import type { ServiceName } from '../../policies/services.ts'

const replicas = (service: ServiceName): number => replicaBounds(policies, policies.environments.local!, service).max

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
