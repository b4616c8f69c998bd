import { type Duration, milliseconds } from '../../../policies/model/units.ts'

/** Days for which CloudWatch Logs can keep a group. Source: AWS, PutRetentionPolicy. */
const allowed = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const

/** Days as CloudWatch Logs takes them. Throws RangeError, with the nearest that it knows, for any other time. */
export function retentionDays(logRetention: Duration): number {
  const days = milliseconds(logRetention) / milliseconds('1d')
  if (allowed.some((known) => known === days)) return days
  const near = [allowed.findLast((known) => known < days), allowed.find((known) => known > days)]
  throw new RangeError(
    `cloud.logRetention (${logRetention}) is not a time that CloudWatch Logs keeps: write ${near
      .filter((known) => known !== undefined)
      .map((known) => `${known}d`)
      .join(' or ')}.`,
  )
}
