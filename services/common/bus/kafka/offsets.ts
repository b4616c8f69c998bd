import type { Cluster } from './cluster.ts'
import { KafkaError, refuse } from './wire/errors.ts'
import { listOffsets } from './wire/log-apis.ts'

type Brokers = Pick<Cluster, 'leaders' | 'refresh' | 'connection'>

/** Asks the leaders of partitions for an offset of each: `earliest` or `latest`. Rejects with ConnectionError or KafkaError. */
export async function offsetsAt(
  cluster: Brokers,
  topic: string,
  at: bigint,
  partitions?: readonly number[],
): Promise<ReadonlyMap<number, bigint>> {
  try {
    const leaders = await cluster.leaders(topic)
    const wanted = partitions ?? [...leaders.keys()]
    const byNode = Map.groupBy(wanted, (partition) => {
      const node = leaders.get(partition)
      if (node === undefined || node < 0) throw new KafkaError(5, `an offset of partition ${partition} of ${topic}`)
      return node
    })
    const answers = await Promise.all(
      [...byNode].map(async ([node, list]) =>
        (await cluster.connection(node, 'ask')).request(listOffsets, { topic, at, partitions: list }),
      ),
    )
    return new Map(
      answers.flat().map(({ partition, error, offset }) => {
        refuse(error, `an offset of partition ${partition} of ${topic}`)
        return [partition, offset] as const
      }),
    )
  } catch (error) {
    if (!(error instanceof KafkaError) || error.stale) cluster.refresh().catch(() => {})
    throw error
  }
}
