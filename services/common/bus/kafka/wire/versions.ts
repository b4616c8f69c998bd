import type { Api } from './api.ts'
import { findCoordinator, metadata, type VersionRange } from './cluster-apis.ts'
import { describeGroup, heartbeat, joinGroup, leaveGroup, offsetCommit, offsetFetch, syncGroup } from './group-apis.ts'
import { fetch, initProducerId, listOffsets, produce } from './log-apis.ts'

const used: readonly Pick<Api<never, unknown>, 'name' | 'key' | 'version'>[] = [
  ...[metadata, findCoordinator],
  ...[produce, fetch, listOffsets, initProducerId],
  ...[joinGroup, syncGroup, heartbeat, leaveGroup, describeGroup, offsetCommit, offsetFetch],
]

/** The brokers are of a time whose protocol we do not speak. */
export class VersionError extends Error {
  readonly code = 'KAFKA_VERSION'
}

/** Throws VersionError when a broker does not take one of the requests in the version that we send. */
export function requireVersions(ranges: readonly VersionRange[]): void {
  const refused = used.flatMap(({ name, key, version }) => {
    const range = ranges.find((one) => one.key === key)
    if (range !== undefined && range.min <= version && version <= range.max) return []
    return [`${name} ${version} (it takes ${range === undefined ? 'none' : `${range.min} to ${range.max}`})`]
  })
  if (refused.length === 0) return
  throw new VersionError(
    `The broker does not take ${refused.join(', ')}. Brokers from 2.8 to 4.x do; for others change services/common/bus/kafka/wire.`,
  )
}
