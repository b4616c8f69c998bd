import type { Cluster, Purpose } from './cluster.ts'
import type { Connection } from './wire/connection.ts'
import { KafkaError, refuse } from './wire/errors.ts'
import {
  heartbeat,
  type JoinRequest,
  joinGroup,
  leaveGroup,
  type Member,
  offsetCommit,
  offsetFetch,
  type PartitionOffset,
  syncGroup,
} from './wire/group-apis.ts'

export interface GroupMember {
  readonly memberId: string
  readonly metadata: Buffer
}

export interface MembershipOptions {
  readonly cluster: Pick<Cluster, 'coordinator' | 'forgetCoordinator'>
  readonly group: string
  readonly topic: string
  readonly sessionTimeoutMs: number
  /** How long the others wait for a member to let go of its partitions, milliseconds. */
  readonly rebalanceTimeoutMs: number
  /** The name that outlives the process, or null. */
  readonly instanceId: string | null
  /** Members agree by this name on how partitions are divided. */
  readonly protocol: string
  readonly metadata: Buffer
  /** The leader's work: what each member gets. */
  readonly divide: (members: readonly GroupMember[]) => Promise<ReadonlyMap<string, Buffer>>
}

/** A place in a consumer group. Methods reject with ConnectionError or KafkaError. */
export class Membership {
  readonly #options: MembershipOptions
  /** Kept over generations, so that the brokers know who comes back. */
  #memberId = ''
  #place: Member | undefined

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Joins, or joins again; resolves with what this member was assigned. */
  async join(): Promise<Buffer> {
    const { group, sessionTimeoutMs, rebalanceTimeoutMs, instanceId, protocol, metadata, divide } = this.#options
    this.#place = undefined
    return this.#asked('group', async (connection) => {
      const ask = () => {
        const request: JoinRequest = {
          ...{ group, sessionTimeoutMs, rebalanceTimeoutMs, instanceId, protocol, metadata },
          memberId: this.#memberId,
        }
        // Answered when all members have come, or the slow ones' time is up.
        return connection.request(joinGroup, request, rebalanceTimeoutMs + sessionTimeoutMs)
      }
      let joined = await ask()
      if (joined.error !== 0 && new KafkaError(joined.error, '').code === 'MEMBER_ID_REQUIRED') {
        this.#memberId = joined.memberId
        joined = await ask()
      }
      refuse(joined.error, `to let us into the group ${group}`)
      const { generation, memberId, leader, members } = joined
      this.#memberId = memberId
      const place: Member = { group, generation, memberId, instanceId }
      const divided = leader === memberId ? await divide(members) : new Map<string, Buffer>()
      const assignments = [...divided].map(([id, assignment]) => ({ memberId: id, assignment }))
      const synced = await connection.request(
        syncGroup,
        { ...place, assignments },
        rebalanceTimeoutMs + sessionTimeoutMs,
      )
      refuse(synced.error, `our place in the group ${group}`)
      this.#place = place
      return synced.assignment
    })
  }

  async heartbeat(): Promise<void> {
    const place = this.#held()
    await this.#asked('group', async (connection) => {
      const { error } = await connection.request(heartbeat, place)
      refuse(error, `a sign of life in the group ${place.group}`)
    })
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const place = this.#held()
    const { topic } = this.#options
    await this.#asked('group', async (connection) => {
      const answers = await connection.request(offsetCommit, { ...place, topic, offsets })
      for (const { partition } of offsets) {
        const error = answers.find((answer) => answer.partition === partition)?.error
        if (error === undefined) throw new Error(`The broker said nothing of the commit for partition ${partition}.`)
        refuse(error, `the commit for partition ${partition} of ${topic}`)
      }
    })
  }

  /** What the group has committed, without the partitions that have nothing; in the group or not. */
  async committed(partitions: readonly number[]): Promise<readonly PartitionOffset[]> {
    const { group, topic } = this.#options
    if (partitions.length === 0) return []
    // Not behind a request to join, which may wait long.
    return this.#asked('ask', async (connection) => {
      const { error, offsets } = await connection.request(offsetFetch, { group, topic, partitions })
      refuse(error, `to say what ${group} has committed`)
      for (const one of offsets) refuse(one.error, `to say what ${group} has committed for partition ${one.partition}`)
      return offsets.filter(({ offset }) => offset >= 0n)
    })
  }

  async leave(): Promise<void> {
    const place = this.#place
    this.#place = undefined
    if (place === undefined) return
    await this.#asked('group', async (connection) => {
      const { error } = await connection.request(leaveGroup, place)
      refuse(error, `that we leave the group ${place.group}`)
    })
    this.#memberId = ''
  }

  /** Forgets who we were: the brokers do not know us any more, or have given our place away. */
  forget(): void {
    this.#place = undefined
    this.#memberId = ''
  }

  #held(): Member {
    if (this.#place === undefined) throw new KafkaError(25, 'a member that has no place in the group')
    return this.#place
  }

  async #asked<T>(purpose: Purpose, ask: (connection: Connection) => Promise<T>): Promise<T> {
    const { cluster, group } = this.#options
    try {
      return await ask(await cluster.coordinator(group, purpose))
    } catch (error) {
      if (!(error instanceof KafkaError) || error.stale) cluster.forgetCoordinator(group)
      throw error
    }
  }
}
