import { kindOf, objectName } from './kubernetes.ts'
import type { GuardedResource } from './resource.ts'

/** The service that a Deployment of placeholders keeps room for: 'headroom-analytics' → 'analytics'. Nobody misses one of its pods. */
export const headroomFor = (resource: GuardedResource): string | undefined =>
  kindOf(resource) === 'Deployment' ? /^headroom-(.+)$/.exec(objectName(resource))?.[1] : undefined
