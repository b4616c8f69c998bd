import type { Urgency } from './objectives.ts'
import type { Duration } from './units.ts'

/** Of every alarm: whom it calls, and for how long what it is about must hold before it does. */
export interface AlarmPolicy {
  readonly urgency: Urgency
  readonly after: Duration
}

/** What an operator is told of beside the service levels. What is measured, and how, is in infra/kubernetes/monitoring/alarms. */
export interface AlarmsPolicy {
  /** No pod of a service answers Prometheus. */
  readonly ServiceDown: AlarmPolicy
  /** One pod does not. */
  readonly PodDown: AlarmPolicy
  /** A consumer is at least `above` records behind, and no nearer than it was `over` ago. */
  readonly LagDoesNotFall: AlarmPolicy & { readonly above: number; readonly over: Duration }
  /** Within `over`, records were read that nobody understands; they lie with the dead letters. */
  readonly DeadLetters: AlarmPolicy & { readonly over: Duration }
  /** Within `over`, messages that were taken from senders were given up. */
  readonly MessagesLost: AlarmPolicy & { readonly over: Duration }
  /** Within `over`, more than this share of the alerts for webhooks, and at least `least`, reached nobody. */
  readonly WebhooksFail: AlarmPolicy & { readonly above: number; readonly least: number; readonly over: Duration }
  /** Within `over`, rules were taken out because they were slow or broken: what they would find is not found. */
  readonly RulesTakenOut: AlarmPolicy & { readonly over: Duration }
  /** Slots have been on the move for `times` as long as a move may take. */
  readonly SlotsDoNotMove: AlarmPolicy & { readonly times: number }
  /** Some collector places events by an older map than the manager's. */
  readonly ShardMapBehind: AlarmPolicy
  /** Nobody leads the operators. */
  readonly OperatorWithoutLeader: AlarmPolicy
  /** A candidate is past its deadline, and neither took over nor went. */
  readonly CanaryStuck: AlarmPolicy
  /** A service has as many pods as it may, and every one more than its share. */
  readonly NoMorePods: AlarmPolicy
  /** A mounted file (tenants, operators, receivers) cannot be used, and the last that could counts. */
  readonly FileUnusable: AlarmPolicy
  /** A service that forecasts are to scale has none: the forecaster is gone, or has switched itself off. */
  readonly ForecasterOff: AlarmPolicy
  /** A certificate that something should have renewed is good for less than `left`. */
  readonly CertificateEnds: AlarmPolicy & { readonly left: Duration }
  /** Of a disk, less than this share is free. */
  readonly DiskFull: AlarmPolicy & { readonly free: number }
  /** As it went in the last `over`, a disk of which less than this share is free is full within `ahead`. */
  readonly DiskFills: AlarmPolicy & { readonly free: number; readonly over: Duration; readonly ahead: Duration }
  /** A partition has fewer replicas in sync than it has replicas. */
  readonly KafkaUnderReplicated: AlarmPolicy
}

export type AlarmName = keyof AlarmsPolicy

/**
 * How somebody is told. Keys and addresses that are secrets are files of Alertmanager's pod, one for each urgency; where a stack has none,
 * its alerts stay in Alertmanager.
 */
export type ReceiverPolicy =
  /** PagerDuty; the secret is an integration key (Events API v2). */
  | { readonly kind: 'pagerduty' }
  /** Slack; the secret is the address of an incoming webhook. */
  | { readonly kind: 'slack'; readonly channel: string }

export interface RoutePolicy {
  readonly receiver: ReceiverPolicy
  /** Alerts that begin within this time come as one message. */
  readonly gather: Duration
  /** What is still so is said again. */
  readonly repeat: Duration
}

export interface MonitoringPolicy {
  readonly alarms: AlarmsPolicy
  readonly routes: Readonly<Record<Urgency, RoutePolicy>>
}
