import { forecastSeries } from '../../../../policies/autoscaling.ts'
import type { AlarmName } from '../../../../policies/model/monitoring.ts'
import { type Duration, seconds } from '../../../../policies/model/units.ts'
import type { ChartScope } from '../../context.ts'
import { bounds } from '../../replicas.ts'
import { type Story, stepSeconds, type Told } from './story.ts'

const minutes = (duration: Duration): number => seconds(duration) / 60

type Spans = readonly (readonly [minutes: number, value: number | undefined])[]

const told = (kind: Told['kind'], name: string, labels: Told['labels'], spans: Spans): Told => ({
  name,
  labels: { instance: 'a', ...labels },
  kind,
  spans: spans.map(([length, value]) => ({ minutes: length, value })),
})
const gauge = (name: string, labels: Told['labels'], ...spans: Spans) => told('gauge', name, labels, spans)
/** `spans` say by how much it grows a minute. */
const counter = (name: string, labels: Told['labels'], ...spans: Spans) =>
  told(
    'counter',
    name,
    labels,
    spans.map(([length, value]) => [length, value === undefined ? value : (value * stepSeconds) / 60]),
  )

/** Measuring is in turns of pods and of rules. */
const slack = 1

interface Incident {
  /** What goes on while all is well, then what does not. */
  readonly bad: readonly Told[]
  /** From the beginning of the story to the latest minute at which the alert must fire. */
  readonly fires: number
  /** When it must not fire yet. */
  readonly before: number
  readonly labels: Readonly<Record<string, string>>
  /** What looks alike and is no incident, for `long` minutes. */
  readonly good: readonly Told[]
  readonly long: number
}

const main = 'ClickHouseAsyncMetrics_FilesystemMainPath'
const gibibyte = 2 ** 30

/** An incident for each alarm, and what is none. Times follow from the policies. */
const incidents: { readonly [A in AlarmName]: (scope: ChartScope) => Incident } = {
  ServiceDown: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.ServiceDown.after)
    const up = (pod: string, ...spans: Spans) => gauge('up', { job: 'analytics', instance: pod }, ...spans)
    return {
      // One pod stops answering, the other leaves the name server.
      bad: [up('a', [10, 1], [after + 5, 0]), up('b', [10, 1], [after + 5, undefined])],
      fires: 10 + after + slack,
      before: 10,
      labels: { service: 'analytics', severity: 'page' },
      good: [up('a', [10, 1], [30, 0]), up('b', [40, 1])],
      long: 40,
    }
  },
  PodDown: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.PodDown.after)
    const up = (...spans: Spans) => gauge('up', { job: 'hot-sink' }, ...spans)
    return {
      bad: [up([10, 1], [after + 5, 0])],
      fires: 10 + after + slack,
      before: 10 + after / 2,
      labels: { service: 'hot-sink', severity: 'ticket' },
      // A pod that restarts now and then.
      good: [up([10, 1], [after / 2, 0], [5, 1], [after / 2, 0], [5, 1])],
      long: 20 + after,
    }
  },
  LagDoesNotFall: ({ policies: { monitoring } }) => {
    const { above, over, after } = monitoring.alarms.LagDoesNotFall
    const lag = (...spans: Spans) => gauge('nd_consumer_lag_records', { job: 'hot-sink' }, ...spans)
    const time = minutes(over)
    return {
      bad: [lag([10, 0], [2 * time, 2 * above])],
      fires: 10 + time + minutes(after) + slack,
      before: 10 + time / 2,
      labels: { service: 'hot-sink', severity: 'ticket' },
      // What was behind by much is worked off.
      good: [lag([10, 20 * above], [time, 10 * above], [time, 5 * above], [time, 2 * above], [30, 0])],
      long: 40 + 3 * time,
    }
  },
  DeadLetters: ({ policies: { monitoring } }) => {
    const { over, after } = monitoring.alarms.DeadLetters
    const unreadable = (...spans: Spans) =>
      counter('nd_records_unreadable_total', { job: 'hot-sink', reason: 'NO_CODEC' }, ...spans)
    return {
      // The counter begins with the first.
      bad: [unreadable([10, undefined], [stepSeconds / 60, 4], [minutes(over), 0])],
      fires: 10 + minutes(after) + slack,
      before: 9,
      labels: { service: 'hot-sink', severity: 'ticket' },
      // One of long ago.
      good: [unreadable([stepSeconds / 60, 4], [minutes(over) + 60, 0])],
      long: 60 + minutes(over),
    }
  },
  MessagesLost: ({ policies: { monitoring } }) => {
    const { over, after } = monitoring.alarms.MessagesLost
    const lost = (...spans: Spans) => counter('nd_messages_lost_total', { job: 'event-collector' }, ...spans)
    return {
      bad: [lost([10, 0], [1, 30], [minutes(over), 0])],
      fires: 11 + minutes(after) + slack,
      before: 9,
      labels: { service: 'event-collector', severity: 'ticket' },
      good: [lost([60, 0])],
      long: 60,
    }
  },
  WebhooksFail: ({ policies: { monitoring } }) => {
    const { above, over, least, after } = monitoring.alarms.WebhooksFail
    const time = minutes(over)
    const ended = (result: string, ...spans: Spans) =>
      counter('nd_webhook_alerts_total', { job: 'correlation-engine', result }, ...spans)
    return {
      bad: [ended('delivered', [time, 10], [time, 10]), ended('undelivered', [time, 0], [time, 40 * above])],
      // Three in four of the share that they then have.
      fires: time + time * 0.75 + minutes(after) + slack,
      before: time + 1,
      labels: { service: 'correlation-engine', severity: 'ticket' },
      // All fail, and they are too few to tell.
      good: [ended('delivered', [2 * time, 0]), ended('undelivered', [2 * time, (0.5 * least) / time])],
      long: 2 * time,
    }
  },
  RulesTakenOut: ({ policies: { monitoring } }) => {
    const taken = (...spans: Spans) => counter('nd_rule_errors_total', { job: 'correlation-engine' }, ...spans)
    return {
      bad: [taken([10, 0], [stepSeconds / 60, 4], [20, 0])],
      fires: 10 + minutes(monitoring.alarms.RulesTakenOut.after) + slack,
      before: 9,
      labels: { service: 'correlation-engine', severity: 'ticket' },
      good: [taken([60, 0])],
      long: 60,
    }
  },
  SlotsDoNotMove: ({ policies: { monitoring, sharding } }) => {
    const { times, after } = monitoring.alarms.SlotsDoNotMove
    const most = times * seconds(sharding.moves.stalled)
    const oldest = (...spans: Spans) => gauge('nd_shard_move_oldest_seconds', { job: 'shard-manager' }, ...spans)
    return {
      bad: [oldest([10, 0], [30, 1.1 * most])],
      fires: 10 + minutes(after) + slack,
      before: 10,
      labels: { service: 'shard-manager', severity: 'ticket' },
      good: [oldest([10, 0], [30, 0.9 * most])],
      long: 39,
    }
  },
  ShardMapBehind: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.ShardMapBehind.after)
    const at = (job: string, instance: string, ...spans: Spans) =>
      gauge('nd_shard_map_version', { job, instance }, ...spans)
    return {
      bad: [
        at('shard-manager', 'a', [10, 4], [after + 5, 5]),
        at('event-collector', 'b', [10, 4], [after + 5, 5]),
        at('event-collector', 'c', [15 + after, 4]),
      ],
      fires: 10 + after + slack,
      before: 10,
      labels: { service: 'event-collector', severity: 'ticket' },
      // A version takes a moment to arrive.
      good: [at('shard-manager', 'a', [10, 4], [60, 5]), at('event-collector', 'b', [10 + after / 2, 4], [60, 5])],
      long: 60,
    }
  },
  OperatorWithoutLeader: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.OperatorWithoutLeader.after)
    const leads = (instance: string, ...spans: Spans) =>
      gauge('nd_operator_leader', { job: 'operator', instance }, ...spans)
    return {
      bad: [leads('a', [10, 1], [after + 5, 0]), leads('b', [15 + after, 0])],
      fires: 10 + after + slack,
      before: 10,
      labels: { service: 'operator', severity: 'ticket' },
      // The other takes over.
      good: [leads('a', [10, 1], [60, 0]), leads('b', [10 + after / 2, 0], [60, 1])],
      long: 60,
    }
  },
  CanaryStuck: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.CanaryStuck.after)
    const overdue = (...spans: Spans) => gauge('nd_operator_canary_overdue_seconds', { job: 'operator' }, ...spans)
    return {
      bad: [overdue([10, 0], [after + 5, 60])],
      fires: 10 + after + slack,
      before: 10,
      labels: { service: 'operator', severity: 'ticket' },
      // It goes at its deadline, which takes a look of the controller.
      good: [overdue([10, 0], [2, 60], [30, 0])],
      long: 40,
    }
  },
  NoMorePods: (scope) => {
    const after = minutes(scope.policies.monitoring.alarms.NoMorePods.after)
    const { max } = bounds(scope, 'analytics')
    const busy = (pods: number, each: number): Told[] =>
      Array.from({ length: pods }, (_, i) => ({ job: 'analytics', instance: `${i}` })).flatMap((labels) => [
        gauge('up', labels, [after + 20, 1]),
        counter('nd_http_requests_total', { ...labels, route: '/v1/query', status: '200' }, [after + 20, 60 * each]),
      ])
    const share = scope.policies.scaling.analytics?.metrics.find(({ name }) => name === 'qps')?.threshold ?? 0
    return {
      bad: busy(max, 1.5 * share),
      fires: after + 3 + slack,
      before: after / 2,
      labels: { service: 'analytics', severity: 'ticket' },
      // Another pod can come.
      good: busy(max - 1, 1.5 * share),
      long: after + 19,
    }
  },
  FileUnusable: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.FileUnusable.after)
    const unusable = (...spans: Spans) =>
      gauge('nd_file_unusable', { job: 'event-collector', file: 'tenants' }, ...spans)
    return {
      bad: [unusable([10, 0], [after + 5, 1])],
      fires: 10 + after + slack,
      before: 10 + after / 2,
      labels: { service: 'event-collector', severity: 'ticket' },
      // It was read while it was written.
      good: [unusable([10, 0], [1, 1], [30, 0])],
      long: 40,
    }
  },
  ForecasterOff: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.ForecasterOff.after)
    const foreseen = (...spans: Spans) =>
      gauge(forecastSeries, { job: 'forecaster', service: 'ml-inference', metric: 'qps', mode: 'on' }, ...spans)
    return {
      bad: [foreseen([30, 900], [after + 30, undefined])],
      fires: 30 + after + slack,
      before: 30 + after / 2,
      labels: { service: 'ml-inference', severity: 'ticket' },
      // It was switched off for a while.
      good: [foreseen([30, 900], [after / 2, undefined], [after, 900])],
      long: 25 + 1.5 * after,
    }
  },
  CertificateEnds: ({ policies: { monitoring } }) => {
    const { left, after } = monitoring.alarms.CertificateEnds
    // promtool's clock begins at 1970.
    const ends = (at: number) => gauge('nd_certificate_expires_timestamp_seconds', { job: 'analytics' }, [90, at])
    return {
      bad: [ends(seconds(left) + 30 * 60)],
      fires: 30 + minutes(after) + slack,
      before: 29,
      labels: { service: 'analytics', severity: 'page' },
      good: [ends(seconds(left) + 100 * 60)],
      long: 89,
    }
  },
  DiskFull: ({ policies: { monitoring } }) => {
    const { free, after } = monitoring.alarms.DiskFull
    const disk = (...spans: Spans) => [
      gauge(`${main}AvailableBytes`, { job: 'clickhouse' }, ...spans),
      gauge(`${main}TotalBytes`, { job: 'clickhouse' }, [60, gibibyte]),
    ]
    return {
      bad: disk([10, 2 * free * gibibyte], [50, 0.9 * free * gibibyte]),
      fires: 10 + minutes(after) + slack,
      before: 10,
      labels: { service: 'clickhouse', severity: 'page' },
      good: disk([60, 1.1 * free * gibibyte]),
      long: 59,
    }
  },
  DiskFills: ({ policies: { monitoring } }) => {
    const { free, over, ahead, after } = monitoring.alarms.DiskFills
    const hours = minutes(over) / 60
    // Free space falls hour by hour, by a share of the disk each.
    const disk = (each: number, from: number) => {
      const spans: Spans = Array.from({ length: 3 * hours }, (_, hour) => [
        60,
        Math.max(0, from - each * hour) * gibibyte,
      ])
      return [
        gauge(`${main}AvailableBytes`, { job: 'clickhouse' }, ...spans),
        gauge(`${main}TotalBytes`, { job: 'clickhouse' }, [180 * hours, gibibyte]),
      ]
    }
    // From just above the share that counts, so fast that the rest goes in half of `ahead`.
    const fast = (2 * free) / (minutes(ahead) / 60)
    return {
      bad: disk(fast, free + 1.5 * fast),
      fires: minutes(over) + minutes(after) + slack,
      before: 60,
      labels: { service: 'clickhouse', severity: 'ticket' },
      // As much is written and there is room; or little is.
      good: disk(fast / 8, free - fast / 4),
      long: 179 * hours,
    }
  },
  KafkaUnderReplicated: ({ policies: { monitoring } }) => {
    const after = minutes(monitoring.alarms.KafkaUnderReplicated.after)
    const lacking = (...spans: Spans) =>
      gauge('nd_kafka_under_replicated_partitions', { job: 'shard-manager' }, ...spans)
    return {
      bad: [lacking([10, 0], [after + 5, 3])],
      fires: 10 + after + slack,
      before: 10 + after / 2,
      labels: { service: 'kafka', severity: 'ticket' },
      // A broker restarts.
      good: [lacking([10, 0], [after / 2, 3], [30, 0])],
      long: 35 + after / 2,
    }
  },
}

/** What each alarm is tested by: an incident at whose minute it fires, and what looks alike and is none. */
export function alarmStories(scope: ChartScope, name: AlarmName): readonly Story[] {
  const { bad, fires, before, labels, good, long } = incidents[name](scope)
  const quiet = { service: labels.service ?? '' }
  return [
    {
      name: `${name} fires`,
      series: bad,
      expected: [
        { alert: name, labels, minute: before, fires: false },
        { alert: name, labels, minute: fires, fires: true },
      ],
    },
    {
      name: `${name} stays quiet`,
      series: good,
      expected: [0.25, 0.5, 0.75, 1].map((part) => ({ alert: name, labels: quiet, minute: long * part, fires: false })),
    },
  ]
}
