import type { ClockProblem, FormatName, Transport } from '../../../common/formats/event.ts'
import type { Metrics } from '../../../common/metrics/metrics.ts'
import type { RejectReason } from '../lines.ts'

export type Protocol = Transport['protocol']

/** Why a connection is not taken, or ended. */
export type Refusal =
  | 'NO_CERTIFICATE'
  | 'UNKNOWN_CERTIFICATE'
  | 'CERTIFICATE_OUT_OF_DATE'
  | 'UNKNOWN_SOURCE'
  | 'OTHER_HOME_REGION'
  | 'TOO_MANY_CONNECTIONS'
  | 'IDLE'
  | 'SLOW_FRAME'

/** Why a datagram is not taken. */
export type Drop = 'UNKNOWN_SOURCE' | 'OTHER_HOME_REGION' | 'OVER_QUOTA' | 'NO_ROOM' | 'TOO_LARGE'

/** Metrics of what comes as messages. Every label is out of a fixed set. */
export function messageMetrics(metrics: Metrics) {
  return {
    messages: metrics.counter<'protocol' | 'format'>(
      'nd_messages_total',
      'Messages taken, by how they came and what they were read as.',
      ['protocol', 'format'],
    ),
    rejected: metrics.counter<'protocol' | 'reason'>(
      'nd_messages_rejected_total',
      'What could not be cut into messages, kept as dead letters.',
      ['protocol', 'reason'],
    ),
    dropped: metrics.counter<'reason'>('nd_datagrams_dropped_total', 'Datagrams read and not taken, by reason.', [
      'reason',
    ]),
    kernelDropped: metrics.counter(
      'nd_datagrams_kernel_dropped_total',
      'Datagrams that the kernel dropped because nobody read them in time.',
    ),
    refused: metrics.counter<'protocol' | 'reason'>(
      'nd_connections_refused_total',
      'Connections not taken or ended by us, by reason.',
      ['protocol', 'reason'],
    ),
    slowed: metrics.counter<'protocol' | 'reason'>(
      'nd_connections_slowed_total',
      'Times that a connection was not read for a while, by reason.',
      ['protocol', 'reason'],
    ),
    connections: metrics.gauge<'protocol'>('nd_connections', 'Open connections of senders.', { labels: ['protocol'] }),
    lost: metrics.counter('nd_messages_lost_total', 'Messages taken and given up because the process had to end.'),
  }
}

export type MessageMetrics = ReturnType<typeof messageMetrics>
export type { ClockProblem, FormatName, RejectReason }
