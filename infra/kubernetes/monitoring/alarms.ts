import { forecastSeries } from '../../../policies/autoscaling.ts'
import type { AlarmName, AlarmsPolicy } from '../../../policies/model/monitoring.ts'
import { serviceOf } from '../../../policies/model/scaling.ts'
import { seconds } from '../../../policies/model/units.ts'
import { labelled, scalingSeries } from '../../../policies/series.ts'
import { isDeployed, scraped } from '../charts/namespaces.ts'
import type { ChartScope } from '../context.ts'
import { bounds, scalingOf } from '../replicas.ts'
import { type AlertRule, type RuleGroup, ruleFile } from './rules.ts'

/** What one alarm asks Prometheus, and what it says. `service` is a text of Prometheus' templates. */
interface Alarm {
  readonly expr: string
  readonly service: string
  readonly summary: string
  readonly description: string
}

type Alarms = { readonly [A in AlarmName]: (alarm: AlarmsPolicy[A], scope: ChartScope) => readonly Alarm[] }

const job = '{{ $labels.job }}'

/** Services whose admin port Prometheus scrapes here. */
const asked = (scope: ChartScope): readonly string[] =>
  scraped(scope)
    .filter(({ port }) => port === 'admin')
    .map(({ service }) => service)

/** Pods of models come and go with the models: where there is none, nothing is down. */
const mayBeNone: ReadonlySet<string> = new Set(['ml-inference'])

/** By how much counters grew, a counter that began within the window included: one that counts failures begins with the first. */
const grown = (by: string, series: string, window: string): string =>
  `(sum by (${by}) (increase(${series}[${window}])) > 0 or (sum by (${by}) (${series}) > 0 unless sum by (${by}) (${series} offset ${window})))`

const lag = (series: string): string => `sum by (job) (${series})`

const free = 'ClickHouseAsyncMetrics_FilesystemMainPathAvailableBytes'
const size = 'ClickHouseAsyncMetrics_FilesystemMainPathTotalBytes'

const alarms: Alarms = {
  ServiceDown: (_, scope) =>
    asked(scope).map((service) => ({
      expr: `(sum(${labelled('up', { job: service })})${mayBeNone.has(service) ? '' : ' or vector(0)'}) == 0`,
      service,
      summary: `${service}: no pod answers`,
      description: 'Prometheus reaches none of its pods: nobody else does, or nobody can tell.',
    })),
  PodDown: () => [
    {
      expr: 'up == 0',
      service: job,
      summary: `${job}: the pod at {{ $labels.instance }} does not answer`,
      description: 'It is in the name server, and gives Prometheus no metrics.',
    },
  ],
  LagDoesNotFall: ({ above, over }) =>
    ['nd_consumer_lag_records', 'nd_alerts_consumer_lag_records'].map((series) => ({
      expr: `${lag(series)} > ${above} and ${lag(series)} >= ${lag(`${series} offset ${over}`)} and ${lag(`${series} offset ${over}`)} > ${above}`,
      service: job,
      summary: `${job} falls behind`,
      description: `${series}: {{ $value }} records are not worked off, and ${over} ago there were no more of them.`,
    })),
  DeadLetters: ({ over }) => [
    {
      expr: grown('job, reason', '{__name__=~"nd_(alerts_)?records_unreadable_total"}', over),
      service: job,
      summary: `${job} reads records that nobody understands ({{ $labels.reason }})`,
      description: `Within ${over} some went to the dead letters. Each was acknowledged to a sender or written by a service of ours.`,
    },
  ],
  MessagesLost: ({ over }) => [
    {
      expr: grown('job', 'nd_messages_lost_total', over),
      service: job,
      summary: `${job} gave messages up`,
      description: `Within ${over} a pod ended while it held messages that Kafka had not acknowledged. Their senders do not send them again.`,
    },
  ],
  WebhooksFail: ({ above, least, over }) => {
    const ended = (of: string) => `sum by (job) (increase(nd_webhook_alerts_total${of}[${over}]))`
    return [
      {
        expr: `${ended('{result="undelivered"}')} / ${ended('')} > ${above} and ${ended('{result="undelivered"}')} >= ${least}`,
        service: job,
        summary: 'Alerts do not reach receivers of webhooks',
        description: `{{ $value | humanizePercentage }} of those of the last ${over} were given up. The log of ${job} names the targets.`,
      },
    ]
  },
  RulesTakenOut: ({ over }) => [
    {
      expr: grown('job', 'nd_rule_errors_total', over),
      service: job,
      summary: 'Rules were taken out while they ran',
      description: `Within ${over} some were slow or broken; what they would find is not found until the rules are loaded again. GET /rules on the admin port names them.`,
    },
  ],
  SlotsDoNotMove: ({ times }, { policies: { sharding } }) => [
    {
      expr: `max by (job) (nd_shard_move_oldest_seconds) > ${times * seconds(sharding.moves.stalled)}`,
      service: job,
      summary: 'Slots are on the move and do not arrive',
      description:
        'One has been in its phase for {{ $value | humanizeDuration }}. npm run shards -- show names it, and abort takes a move back.',
    },
  ],
  ShardMapBehind: () => [
    {
      expr: 'min by (job) (nd_shard_map_version{job!="shard-manager"}) < on () group_left () max(nd_shard_map_version{job="shard-manager"})',
      service: job,
      summary: `A pod of ${job} places events by an old map`,
      description:
        'It is at version {{ $value }}, and the manager has a newer one: it does not read the topic of the map.',
    },
  ],
  OperatorWithoutLeader: (_, scope) =>
    asked(scope).includes('operator')
      ? [
          {
            expr: '(sum(nd_operator_leader) or vector(0)) < 1',
            service: 'operator',
            summary: 'No operator leads',
            description: 'Models are served as they are, and nothing that is asked of them happens.',
          },
        ]
      : [],
  CanaryStuck: () => [
    {
      expr: 'max by (job) (nd_operator_canary_overdue_seconds) > 0',
      service: job,
      summary: 'A candidate neither takes over nor goes',
      description:
        'One is {{ $value | humanizeDuration }} past its deadline: it is paused, or its pods do not come. kubectl describe mlinference says which.',
    },
  ],
  NoMorePods: (_, scope) =>
    asked(scope)
      .filter((service) => scalingOf(scope, service))
      .map((service) => ({
        expr: `${labelled(scalingSeries.pods, { service })} >= ${bounds(scope, service).max} and on (service) max by (service) (${labelled(scalingSeries.ratio, { service })}) > 1`,
        service,
        summary: `${service} needs more pods than it may have`,
        description:
          'All {{ $value }} have more than their share. Raise max_replicas of its row in policies/scaling.ts, or shed load.',
      })),
  FileUnusable: () => [
    {
      expr: 'max by (job, file) (nd_file_unusable) > 0',
      service: job,
      summary: `${job} cannot use a file: {{ $labels.file }}`,
      description: 'It goes on with the last one that could be used. Its log says what is wrong.',
    },
  ],
  // Also where forecasts are only looked at: nobody can judge what is not there.
  ForecasterOff: (_, scope) =>
    (isDeployed(scope, 'forecaster') ? Object.entries(scope.policies.scaling) : [])
      .filter(([, { prediction }]) => prediction !== undefined && prediction.mode !== 'off')
      .map(([row]) => ({
        expr: `absent(${labelled(forecastSeries, { service: serviceOf(row) })})`,
        service: serviceOf(row),
        summary: `Nothing is foreseen for ${serviceOf(row)}`,
        description:
          'It is scaled by what is measured alone: the forecaster is gone, or found itself no better than yesterday.',
      })),
  CertificateEnds: ({ left }) => [
    {
      expr: `min by (job) (nd_certificate_expires_timestamp_seconds - time()) < ${seconds(left)}`,
      service: job,
      summary: `A certificate of ${job} ends`,
      description:
        'It is good for another {{ $value | humanizeDuration }}, and should have been renewed: look at its issuer, and whether the pod reads the new one.',
    },
  ],
  DiskFull: ({ free: share }) => [
    {
      expr: `${free} / ${size} < ${share}`,
      service: job,
      summary: `${job}: {{ $value | humanizePercentage }} of a disk are free`,
      description: 'When it is full nothing more is stored, and Kafka keeps what comes as long as its retention.',
    },
  ],
  DiskFills: ({ free: share, over, ahead }) => [
    {
      expr: `predict_linear(${free}[${over}], ${seconds(ahead)}) < 0 and ${free} / ${size} < ${share}`,
      service: job,
      summary: `${job}: a disk is full within ${ahead}`,
      description: `If it goes on as in the last ${over}. Give it a larger one, or move days to the cold tier.`,
    },
  ],
  KafkaUnderReplicated: () => [
    {
      expr: 'max by (job) (nd_kafka_under_replicated_partitions) > 0',
      service: 'kafka',
      summary: '{{ $value }} partitions of Kafka lack a replica in sync',
      description: 'One broker less, and they may take nothing more in. Look for a broker that is down or slow.',
    },
  ],
}

/** The alarms of a region, as rules. */
export function alarmRules(scope: ChartScope): readonly AlertRule[] {
  const policy = scope.policies.monitoring.alarms
  return (Object.keys(policy) as AlarmName[]).flatMap((name) => {
    const { urgency, after } = policy[name]
    const make = alarms[name] as (alarm: (typeof policy)[typeof name], scope: ChartScope) => readonly Alarm[]
    return make(policy[name], scope).map(({ expr, service, summary, description }) => ({
      alert: name,
      expr,
      for: after,
      labels: { severity: urgency, service },
      annotations: { summary, description },
    }))
  })
}

/** Fires always: who hears nothing of it knows that alerts do not arrive. */
const watchdog: AlertRule = {
  alert: 'Watchdog',
  expr: 'vector(1)',
  labels: { severity: 'none', service: 'prometheus' },
  annotations: { summary: 'Alerts arrive', description: 'This one fires always. Be told when it stops.' },
}

/** The rule file of all alarms. */
export const alarmRuleFile = (scope: ChartScope): string => {
  const groups: readonly RuleGroup[] = [{ name: 'alarms', rules: [...alarmRules(scope), watchdog] }]
  return ruleFile(groups)
}
