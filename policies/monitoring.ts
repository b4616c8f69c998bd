import type { MonitoringPolicy } from './model/monitoring.ts'

/** What operators are told of beside the service levels of `objectives.ts`, and who is told. */
export const monitoring = {
  alarms: {
    ServiceDown: { urgency: 'page', after: '2m' },
    PodDown: { urgency: 'ticket', after: '15m' },
    LagDoesNotFall: { urgency: 'ticket', after: '1m', above: 5_000, over: '15m' },
    DeadLetters: { urgency: 'ticket', after: '1m', over: '15m' },
    MessagesLost: { urgency: 'ticket', after: '1m', over: '15m' },
    WebhooksFail: { urgency: 'ticket', after: '5m', above: 0.1, least: 10, over: '30m' },
    RulesTakenOut: { urgency: 'ticket', after: '1m', over: '1h' },
    SlotsDoNotMove: { urgency: 'ticket', after: '1m', times: 3 },
    ShardMapBehind: { urgency: 'ticket', after: '5m' },
    OperatorWithoutLeader: { urgency: 'ticket', after: '5m' },
    CanaryStuck: { urgency: 'ticket', after: '10m' },
    NoMorePods: { urgency: 'ticket', after: '15m' },
    FileUnusable: { urgency: 'ticket', after: '10m' },
    ForecasterOff: { urgency: 'ticket', after: '6h' },
    // Renewed two days before its end (operators.certificates): half of that is gone.
    CertificateEnds: { urgency: 'page', after: '10m', left: '24h' },
    DiskFull: { urgency: 'page', after: '5m', free: 0.05 },
    DiskFills: { urgency: 'ticket', after: '30m', free: 0.4, over: '6h', ahead: '24h' },
    KafkaUnderReplicated: { urgency: 'ticket', after: '10m' },
  },
  routes: {
    page: { receiver: { kind: 'pagerduty' }, gather: '30s', repeat: '1h' },
    ticket: { receiver: { kind: 'slack', channel: '#neurodefender' }, gather: '5m', repeat: '1d' },
  },
} as const satisfies MonitoringPolicy
