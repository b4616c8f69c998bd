import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { readCpu, usedBetween } from '../cpu.ts'
import { Rsyslog, type RsyslogOptions, rsyslogSettings } from './rsyslog.ts'

export interface RsyslogResult {
  readonly setting: string
  readonly events: number
  /** Until all of them stood in the topic. */
  readonly perSecond: number
  /** CPU seconds per million events. */
  readonly cpuSecondsPerMillion: { readonly rsyslog: number; readonly kafka: number }
}

const topicOf = (setting: number): string => `bench.rsyslog.${setting}`

/** Made, and known to the broker as a topic with leaders: kafkajs's own wait gives up when it asks too soon. */
async function makeTopic(admin: Admin, topic: string, partitions: number, signal: AbortSignal): Promise<void> {
  await admin.createTopics({
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
    waitForLeaders: false,
  })
  for (let left = 100; ; left--) {
    try {
      await admin.fetchTopicOffsets(topic)
      return
    } catch (error) {
      if (left === 0) throw error
      await delay(100, undefined, { signal })
    }
  }
}

async function written(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}

/**
 * The same events as text lines through rsyslog into a topic of their own, as fast as its socket takes them, once per setting. It acknowledges nothing to
 * its sender, checks no event, and knows no tenants.
 */
export async function rsyslogPeer(
  kafka: Kafka,
  options: Omit<RsyslogOptions, 'topic'>,
  {
    lines,
    events,
    partitions,
    regionPid,
    signal,
  }: { lines: readonly Buffer[]; events: number; partitions: number; regionPid: number; signal: AbortSignal },
): Promise<readonly RsyslogResult[]> {
  const results: RsyslogResult[] = []
  const admin = kafka.admin()
  await admin.connect()
  try {
    for (const [index, setting] of rsyslogSettings.entries()) {
      const topic = topicOf(index)
      await makeTopic(admin, topic, partitions, signal)
      const rsyslog = await Rsyslog.start({ ...options, topic }, setting)
      try {
        const before = { region: readCpu(regionPid), own: readCpu(rsyslog.pid) }
        const start = performance.now()
        const sockets = await Promise.all([rsyslog.connect(), rsyslog.connect()])
        await Promise.all(
          sockets.map(async (socket, n) => {
            for (let i = n; i < lines.length; i += sockets.length)
              if (!socket.write(lines[i]!)) await once(socket, 'drain', { signal })
            socket.end()
          }),
        )
        for (let last = -1, still = 0, now = 0; now < events && still < 100; still = now === last ? still + 1 : 0) {
          last = now
          await delay(100, undefined, { signal })
          now = await written(kafka, topic)
          if (now >= events) break
        }
        const seconds = (performance.now() - start) / 1_000
        const stored = await written(kafka, topic)
        const perMillion = (used: number) => Number(((used * 1e6) / Math.max(1, stored)).toFixed(2))
        const sum = (usage: Readonly<Record<string, number>>) => Object.values(usage).reduce((a, b) => a + b, 0)
        results.push({
          setting: setting.name,
          events: stored,
          perSecond: Math.round(stored / seconds),
          cpuSecondsPerMillion: {
            rsyslog: perMillion(sum(usedBetween(before.own, readCpu(rsyslog.pid)))),
            kafka: perMillion(usedBetween(before.region, readCpu(regionPid)).kafka ?? 0),
          },
        })
      } finally {
        await rsyslog.stop()
        await admin.deleteTopics({ topics: [topic] })
      }
    }
  } finally {
    await admin.disconnect()
  }
  return results
}
