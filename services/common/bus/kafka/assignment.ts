import type { GroupMember } from './membership.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

/** What kafkajs' members call their way of dividing partitions; with the same name and forms, old and new ones can be in one group during a rollout. */
export const roundRobin = 'RoundRobinAssigner'

/** What a member says of itself: the topics it wants. */
export const encodeSubscription = (topic: string, userData: Buffer = Buffer.alloc(0)): Buffer =>
  new Writer()
    .int16(0)
    .array([topic], (w, name) => w.string(name))
    .bytesField(userData).bytes

export const encodeAssignment = (topic: string, partitions: readonly number[]): Buffer =>
  new Writer()
    .int16(0)
    .array([topic], (w, name) => w.string(name).array(partitions, (_, partition) => w.int32(partition)))
    .bytesField(Buffer.alloc(0)).bytes

/** The partitions of a topic in an assignment; an empty one has none. */
export function decodeAssignment(bytes: Buffer, topic: string): readonly number[] {
  if (bytes.length === 0) return []
  const reader = new Reader(bytes)
  reader.int16()
  const topics = reader.array((r) => ({ name: r.string(), partitions: r.array((p) => p.int32()) }))
  return topics.filter(({ name }) => name === topic).flatMap(({ partitions }) => partitions)
}

/** Partitions in turn to the members, in the order of their ids. */
export function divideInTurn(
  topic: string,
  partitions: readonly number[],
  members: readonly GroupMember[],
): ReadonlyMap<string, Buffer> {
  const ids = members.map(({ memberId }) => memberId).sort()
  return new Map(
    ids.map((id, turn) => [
      id,
      encodeAssignment(
        topic,
        partitions.filter((_, i) => i % ids.length === turn),
      ),
    ]),
  )
}
