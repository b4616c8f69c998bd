import type { EnvironmentPolicy } from '../../../policies/model/environment.ts'
import type { TopicPolicy } from '../../../policies/model/storage.ts'
import { bytes, milliseconds } from '../../../policies/model/units.ts'
import { topics } from '../../../policies/storage.ts'
import type { TopicDescription, TopicToCreate } from '../../common/bus/bus.ts'

/** An existing topic that contradicts the policies in what cannot be changed in place. */
export class TopicsError extends Error {
  readonly code = 'TOPICS_CONTRADICT'
  readonly findings: readonly string[]
  constructor(findings: readonly string[]) {
    super(`Existing topics contradict the policies:\n${findings.map((f) => `  - ${f}`).join('\n')}`)
    this.name = 'TopicsError'
    this.findings = findings
  }
}

/**
 * The topics that an environment has, out of the policies. `localRetentionMs`: how long records lie on the brokers before they lie in tiered
 * storage alone; default: there is none.
 */
export function wantedTopics(
  { kafka }: Pick<EnvironmentPolicy, 'kafka'>,
  localRetentionMs?: number,
): readonly TopicToCreate[] {
  const tiers = localRetentionMs === undefined ? {} : tiered(localRetentionMs)
  const all: readonly (readonly [string, TopicPolicy])[] = Object.entries(topics)
  return all.map(([name, { partitioning, maxRecord, ...kept }]) => ({
    name,
    partitions: partitioning === 'single' ? 1 : kafka.partitions,
    replicas: kafka.replicas,
    config: {
      'max.message.bytes': bytes(maxRecord).toString(),
      'min.insync.replicas': kafka.minInSync.toString(),
      // A replica that misses acknowledged records never becomes the leader.
      'unclean.leader.election.enable': 'false',
      ...(kept.cleanup === 'compact'
        ? compacted
        : { 'cleanup.policy': 'delete', 'retention.ms': milliseconds(kept.retention).toString(), ...tiers }),
    },
  }))
}

/**
 * The last record of each key stays. Only a closed segment is compacted, so none grows large or old; who reads the topic to learn how
 * things stand then reads little that is no longer so. Tiered storage takes no such topic.
 */
const compacted: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'retention.ms': '-1',
  'segment.bytes': (64 * 2 ** 20).toString(),
  'segment.ms': milliseconds('1h').toString(),
  'min.cleanable.dirty.ratio': '0.2',
}

/** Old segments lie in MSK's tiered storage alone. Only a closed segment goes there, so none stays open for longer than it may lie here. */
const tiered = (localRetentionMs: number): Readonly<Record<string, string>> => ({
  'remote.storage.enable': 'true',
  'local.retention.ms': localRetentionMs.toString(),
  'segment.ms': localRetentionMs.toString(),
})

export interface TopicsPlan {
  readonly create: readonly TopicToCreate[]
  /** Settings that differ, by topic: all of a topic's settings, because Kafka replaces them together. */
  readonly configure: readonly TopicToCreate[]
}

/** What is to be done. Throws TopicsError when partitions or replicas differ: they are never changed in place. */
export function planTopics(wanted: readonly TopicToCreate[], existing: readonly TopicDescription[]): TopicsPlan {
  const findings: string[] = []
  const create: TopicToCreate[] = []
  const configure: TopicToCreate[] = []
  for (const topic of wanted) {
    const found = existing.find(({ name }) => name === topic.name)
    if (found === undefined) {
      create.push(topic)
      continue
    }
    if (found.partitions !== topic.partitions)
      findings.push(
        `${topic.name} has ${found.partitions} partitions and the policies say ${topic.partitions}: a topic is never grown or shrunk in place, since slots would move under their data. Set the policy back, or make a new topic and move the data.`,
      )
    if (found.replicas !== topic.replicas)
      findings.push(
        `${topic.name} has ${found.replicas} replicas and the policies say ${topic.replicas}: reassign its replicas first (kafka-reassign-partitions).`,
      )
    if (Object.entries(topic.config).some(([name, value]) => found.config[name] !== value)) configure.push(topic)
  }
  if (findings.length > 0) throw new TopicsError(findings)
  return { create, configure }
}
