import { milliseconds } from '../model/units.ts'
import { type Check, isCount, unless } from './check.ts'

const whole = 'must be a whole number from 1.'

export const tracing: Check = {
  rule: 'tracing',
  purpose: 'what tells how the platform is must neither slow it down nor end unheard',
  find: ({ tracing: { oneIn, ceiling, spans } }) => [
    ...unless(isCount(oneIn), 'tracing.oneIn', oneIn, whole),
    ...unless(isCount(ceiling.burst), 'tracing.ceiling.burst', ceiling.burst, whole),
    ...unless(isCount(spans.alerts), 'tracing.spans.alerts', spans.alerts, whole),
    ...unless(isCount(spans.batch), 'tracing.spans.batch', spans.batch, whole),
    ...unless(
      isCount(spans.waiting) && spans.waiting >= 2 * spans.batch,
      'tracing.spans.waiting',
      spans.waiting,
      `must be a whole number of two batches (${spans.batch}) or more: one is under way while another gathers.`,
    ),
    ...unless(
      milliseconds(spans.giveUp) >= milliseconds(spans.timeout),
      'tracing.spans.giveUp',
      spans.giveUp,
      `must be at least the time of one export (${spans.timeout}).`,
    ),
  ],
}
