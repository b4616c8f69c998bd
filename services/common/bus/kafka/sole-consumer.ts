import { setTimeout as delay } from 'node:timers/promises'
import type { SoleConsumer } from '../bus.ts'
import { encodeAssignment, encodeSubscription } from './assignment.ts'
import { GroupConsumer, type KafkaConsumerOptions } from './group-consumer.ts'
import type { KafkaError } from './wire/errors.ts'
import { describeGroup } from './wire/group-apis.ts'

const askMs = 1_000

/**
 * The holder of a group of its own. It joins under one fixed name (a static member), so the brokers put it in the place of a holder before it without
 * waiting for that one's session to end, and refuse the old one's commits from then on. The group says who may commit; what is read is chosen here.
 * A holder that was displaced comes back only when nobody holds the group any more: two that are started for one group do not take it from each other for ever.
 */
export class KafkaSoleConsumer extends GroupConsumer implements SoleConsumer {
  #chosen: ReadonlySet<number> = new Set()

  constructor(options: KafkaConsumerOptions) {
    const { topic, group } = options
    super(options, {
      instanceId: group,
      protocol: 'sole',
      metadata: encodeSubscription(topic),
      divide: async (_, members) => new Map(members.map(({ memberId }) => [memberId, encodeAssignment(topic, [])])),
    })
  }

  protected override partitionsOf(): readonly number[] {
    return [...this.#chosen]
  }

  async choose(partitions: readonly number[]): Promise<void> {
    const chosen = new Set(partitions)
    const gone = [...this.#chosen].filter((partition) => !chosen.has(partition))
    const come = [...chosen].filter((partition) => !this.#chosen.has(partition))
    this.#chosen = chosen
    if (!this.joined) return
    await Promise.all([this.drop(gone), come.length > 0 ? this.take(come) : undefined])
  }

  protected override async displaced({ code }: KafkaError, signal: AbortSignal): Promise<void> {
    if (code !== 'FENCED_INSTANCE_ID') return
    const { group, log } = this.options
    log.error('Another process took over this group; waiting until nobody holds it.', { group })
    while (!signal.aborted) {
      await delay(askMs, undefined, { signal }).catch(() => {})
      try {
        const connection = await this.cluster.coordinator(group, 'ask')
        const { error, state } = await connection.request(describeGroup, group)
        if (error === 0 && (state === 'Empty' || state === 'Dead')) return
        if (error !== 0) this.cluster.forgetCoordinator(group)
      } catch {
        this.cluster.forgetCoordinator(group)
      }
    }
  }
}
