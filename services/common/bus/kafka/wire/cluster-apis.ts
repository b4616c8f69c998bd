import type { Api } from './api.ts'

export interface VersionRange {
  readonly key: number
  readonly min: number
  readonly max: number
}

/** Which versions a broker takes. */
export const apiVersions: Api<void, { readonly error: number; readonly ranges: readonly VersionRange[] }> = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  write: () => {},
  read: (r) => ({
    error: r.int16(),
    ranges: r.array(() => ({ key: r.int16(), min: r.int16(), max: r.int16() })),
  }),
}

export interface BrokerAddress {
  readonly node: number
  readonly host: string
  readonly port: number
}

export interface PartitionMetadata {
  readonly error: number
  readonly partition: number
  /** The leader's node; -1: none now. */
  readonly leader: number
  readonly replicas: number
  /** Of the replicas, how many have all that was acknowledged. */
  readonly inSync: number
}

export interface Metadata {
  readonly brokers: readonly BrokerAddress[]
  readonly topics: readonly {
    readonly error: number
    readonly name: string
    readonly partitions: readonly PartitionMetadata[]
  }[]
}

/** Brokers, and who leads the partitions of topics; none is made by asking. */
export const metadata: Api<readonly string[], Metadata> = {
  name: 'Metadata',
  key: 3,
  version: 7,
  write: (w, topics) => w.array(topics, (_, name) => w.string(name)).int8(0),
  read: (r) => {
    r.int32()
    const brokers = r.array(() => {
      const broker = { node: r.int32(), host: r.string(), port: r.int32() }
      r.nullableString()
      return broker
    })
    r.nullableString()
    r.int32()
    const topics = r.array(() => {
      const [error, name] = [r.int16(), r.string()]
      r.int8()
      const partitions = r.array(() => {
        const found = { error: r.int16(), partition: r.int32(), leader: r.int32() }
        r.int32()
        // Replicas, those in sync, those on disks that are lost.
        const [replicas, inSync] = [0, 1, 2].map(() => r.array(() => r.int32()).length) as [number, number, number]
        return { ...found, replicas, inSync }
      })
      return { error, name, partitions }
    })
    return { brokers, topics }
  },
}

/** Who keeps a group: its members and commits. */
export const findCoordinator: Api<string, { readonly error: number } & BrokerAddress> = {
  name: 'FindCoordinator',
  key: 10,
  version: 2,
  write: (w, group) => w.string(group).int8(0),
  read: (r) => {
    r.int32()
    const error = r.int16()
    r.nullableString()
    return { error, node: r.int32(), host: r.string(), port: r.int32() }
  },
}

export const saslHandshake: Api<string, { readonly error: number; readonly mechanisms: readonly string[] }> = {
  name: 'SaslHandshake',
  key: 17,
  version: 1,
  write: (w, mechanism) => w.string(mechanism),
  read: (r) => ({ error: r.int16(), mechanisms: r.array(() => r.string()) }),
}

export interface SaslAnswer {
  readonly error: number
  readonly message: string | null
  readonly bytes: Buffer | null
  /** How long the session lasts, milliseconds; 0: for ever. */
  readonly sessionMs: number
}

export const saslAuthenticate: Api<Buffer, SaslAnswer> = {
  name: 'SaslAuthenticate',
  key: 36,
  version: 1,
  write: (w, bytes) => w.bytesField(bytes),
  read: (r) => ({
    error: r.int16(),
    message: r.nullableString(),
    bytes: r.bytesField(),
    sessionMs: Number(r.int64()),
  }),
}
