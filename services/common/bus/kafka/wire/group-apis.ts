import type { Api } from './api.ts'

/** What every request of a member carries: brokers refuse it from one that lost its place. */
export interface Member {
  readonly group: string
  readonly generation: number
  readonly memberId: string
  /** A name that outlives the process; whoever comes under it takes the place of the one before. */
  readonly instanceId: string | null
}

export interface JoinRequest {
  readonly group: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly memberId: string
  readonly instanceId: string | null
  readonly protocol: string
  readonly metadata: Buffer
}

export interface Joined {
  readonly error: number
  readonly generation: number
  readonly leader: string
  readonly memberId: string
  /** For the leader alone: who is in the group, and what each said of itself. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

const empty = Buffer.alloc(0)

export const joinGroup: Api<JoinRequest, Joined> = {
  name: 'JoinGroup',
  key: 11,
  version: 5,
  write: (w, { group, sessionTimeoutMs, rebalanceTimeoutMs, memberId, instanceId, protocol, metadata }) =>
    w
      .string(group)
      .int32(sessionTimeoutMs)
      .int32(rebalanceTimeoutMs)
      .string(memberId)
      .string(instanceId)
      .string('consumer')
      .array([protocol], () => w.string(protocol).bytesField(metadata)),
  read: (r) => {
    r.int32()
    const [error, generation] = [r.int16(), r.int32()]
    r.nullableString()
    const [leader, memberId] = [r.string(), r.string()]
    const members = r.array(() => {
      const id = r.string()
      r.nullableString()
      return { memberId: id, metadata: r.bytesField() ?? empty }
    })
    return { error, generation, leader, memberId, members }
  },
}

export interface SyncRequest extends Member {
  /** From the leader alone: what each member gets. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]
}

export const syncGroup: Api<SyncRequest, { readonly error: number; readonly assignment: Buffer }> = {
  name: 'SyncGroup',
  key: 14,
  version: 3,
  write: (w, { group, generation, memberId, instanceId, assignments }) =>
    w
      .string(group)
      .int32(generation)
      .string(memberId)
      .string(instanceId)
      .array(assignments, (_, { memberId: id, assignment }) => w.string(id).bytesField(assignment)),
  read: (r) => {
    r.int32()
    return { error: r.int16(), assignment: r.bytesField() ?? empty }
  },
}

export const heartbeat: Api<Member, { readonly error: number }> = {
  name: 'Heartbeat',
  key: 12,
  version: 3,
  write: (w, { group, generation, memberId, instanceId }) =>
    w.string(group).int32(generation).string(memberId).string(instanceId),
  read: (r) => {
    r.int32()
    return { error: r.int16() }
  },
}

export const leaveGroup: Api<Omit<Member, 'generation'>, { readonly error: number }> = {
  name: 'LeaveGroup',
  key: 13,
  version: 3,
  write: (w, { group, memberId, instanceId }) =>
    w.string(group).array([memberId], () => w.string(memberId).string(instanceId)),
  read: (r) => {
    r.int32()
    const error = r.int16()
    const members = r.array(() => {
      r.string()
      r.nullableString()
      return r.int16()
    })
    return { error: error || (members.find((code) => code !== 0) ?? 0) }
  },
}

/** Whether anybody is in a group. */
export const describeGroup: Api<string, { readonly error: number; readonly state: string }> = {
  name: 'DescribeGroups',
  key: 15,
  version: 1,
  write: (w, group) => w.array([group], () => w.string(group)),
  read: (r) => {
    r.int32()
    const [found] = r.array(() => {
      const answer = { error: r.int16(), group: r.string(), state: r.string() }
      r.string()
      r.string()
      r.array(() => {
        for (let texts = 0; texts < 3; texts++) r.string()
        for (let fields = 0; fields < 2; fields++) r.bytesField()
      })
      return answer
    })
    return found ?? { error: 15, state: '' }
  },
}

export interface PartitionOffset {
  readonly partition: number
  readonly offset: bigint
  readonly metadata: string
}

export interface CommitRequest extends Member {
  readonly topic: string
  readonly offsets: readonly PartitionOffset[]
}

export const offsetCommit: Api<CommitRequest, readonly { readonly partition: number; readonly error: number }[]> = {
  name: 'OffsetCommit',
  key: 8,
  version: 7,
  write: (w, { group, generation, memberId, instanceId, topic, offsets }) =>
    w
      .string(group)
      .int32(generation)
      .string(memberId)
      .string(instanceId)
      .array([topic], () =>
        w
          .string(topic)
          .array(offsets, (_, { partition, offset, metadata }) =>
            w.int32(partition).int64(offset).int32(-1).string(metadata),
          ),
      ),
  read: (r) => {
    r.int32()
    const topics = r.array(() => {
      r.string()
      return r.array(() => ({ partition: r.int32(), error: r.int16() }))
    })
    return topics.flat()
  },
}

export interface FetchedOffsets {
  readonly error: number
  /** -1 where nothing is committed. */
  readonly offsets: readonly (PartitionOffset & { readonly error: number })[]
}

export const offsetFetch: Api<
  { readonly group: string; readonly topic: string; readonly partitions: readonly number[] },
  FetchedOffsets
> = {
  name: 'OffsetFetch',
  key: 9,
  version: 5,
  write: (w, { group, topic, partitions }) =>
    w.string(group).array([topic], () => w.string(topic).array(partitions, (_, partition) => w.int32(partition))),
  read: (r) => {
    r.int32()
    const topics = r.array(() => {
      r.string()
      return r.array(() => {
        const head = { partition: r.int32(), offset: r.int64() }
        r.int32()
        return { ...head, metadata: r.string(), error: r.int16() }
      })
    })
    return { error: r.int16(), offsets: topics.flat() }
  },
}
