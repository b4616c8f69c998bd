import type { Policies } from '../bundle.ts'
import { bytes, millicores, milliseconds, perSecond } from '../model/units.ts'
import { type Broken, type Check, unless } from './check.ts'

type Parser = (text: never) => number

/** Which leaves carry a unit, and which. */
export const quantities: readonly (readonly [RegExp, Parser])[] = [
  [/^alerting\.(snapshot|cost\.slow|webhooks\.(timeout|giveUp))$/, milliseconds],
  [/^alerting\.maxEvent$/, bytes],
  [/^caching\.(l[12]|refusals)\.(ttl|timeout)$/, milliseconds],
  [/^buckets\.[^.]+\.cheaper\.after$/, milliseconds],
  [/^cloud\.[^.]+\.logRetention$/, milliseconds],
  [/^cloud\.[^.]+\.kafka\.localRetention$/, milliseconds],
  [/^cloud\.[^.]+\.kafka\.storage$/, bytes],
  [/^cloud\.[^.]+\.kubernetes\.pools\.[^.]+\.nodeStartup$/, milliseconds],
  [/^cloud\.[^.]+\.kubernetes\.pools\.[^.]+\.limits\.cpu$/, millicores],
  [/^cloud\.[^.]+\.kubernetes\.pools\.[^.]+\.limits\.memory$/, bytes],
  [/^environments\.[^.]+\.(sizes\.[^.]+|quota|dns|mesh\.(control|gateway)|keda\.(operator|adapter))\.cpu$/, millicores],
  [
    /^environments\.[^.]+\.(sizes\.[^.]+|quota|dns|mesh\.(control|gateway)|keda\.(operator|adapter))\.(memory|storage)$/,
    bytes,
  ],
  [/^environments\.[^.]+\.tenantQuota\.events$/, perSecond],
  [/^links\.\d+\.roundTrip$/, milliseconds],
  [/^monitoring\.alarms\.[^.]+\.(after|over|left|ahead)$/, milliseconds],
  [/^monitoring\.routes\.[^.]+\.(gather|repeat)$/, milliseconds],
  [/^objectives\.correlation\.(lateness|step|idle)$/, milliseconds],
  [/^objectives\.dataClasses\.[^.]+\.(rpo|rto|lock)$/, milliseconds],
  [/^objectives\.ingest\.(latencyP99|ackTimeout)$/, milliseconds],
  [/^objectives\.ingest\.(maxBody|maxEvent|maxInFlight)$/, bytes],
  [/^objectives\.ingest\.clock\.(ahead|behind)$/, milliseconds],
  [/^objectives\.ingest\.messages\.(maxMessage|maxHeldPerTenant)$/, bytes],
  [/^objectives\.ingest\.messages\.(linger|idle|frame)$/, milliseconds],
  [/^objectives\.inference\.(latencyP99|fetchTimeout)$/, milliseconds],
  [/^objectives\.inference\.(maxBody|maxText|maxInFlight|maxModel)$/, bytes],
  [/^objectives\.load\.[^.]+$/, perSecond],
  [/^objectives\.query\.(timeout|latencyP99)$/, milliseconds],
  [/^objectives\.storing\.latencyP99$/, milliseconds],
  [/^objectives\.levels\.(window|burns\.\d+\.(long|short))$/, milliseconds],
  [/^objectives\.query\.crossTenant\.grain$/, milliseconds],
  [/^objectives\.scaling\.(up|down)Within$/, milliseconds],
  [/^objectives\.monitoring\.scrapeInterval$/, milliseconds],
  [/^operators\.sidecar\.cpu$/, millicores],
  [/^operators\.sidecar\.memory$/, bytes],
  [/^operators\.certificates\.(duration|renewBefore)$/, milliseconds],
  [/^scaling\.[^.]+\.metrics\.\d+\.window$/, milliseconds],
  [/^scaling\.[^.]+\.actions\.scale_to_zero\.(idle|cold_start)$/, milliseconds],
  [/^services\.[^.]+\.(startup|grace)$/, milliseconds],
  [/^sharding\.moves\.(stalled|report)$/, milliseconds],
  [/^storage\.block\.maxBytes$/, bytes],
  [/^storage\.block\.maxDelay$/, milliseconds],
  [/^topics\..+\.retention$/, milliseconds],
  [/^topics\..+\.maxRecord$/, bytes],
  [/^tracing\.ceiling\.traces$/, perSecond],
  [/^tracing\.spans\.(linger|timeout|giveUp)$/, milliseconds],
  [/^traffic\.calls\.[^.]+\.timeout$/, milliseconds],
  [/^traffic\.canary\.(interval|deadline|drain)$/, milliseconds],
  [/^traffic\.calls\.[^.]+\.retries\.perTry$/, milliseconds],
  [/^traffic\.calls\.[^.]+\.outlier\.(interval|ejection)$/, milliseconds],
]

/** Every value that is no object, with its path: 'scaling.ml_inference.metrics.0.window'. */
export function* leaves(value: unknown, path = ''): Generator<readonly [path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value]
  else for (const [key, inner] of Object.entries(value)) yield* leaves(inner, path ? `${path}.${key}` : key)
}

export const units: Check = {
  rule: 'units',
  purpose: 'a quantity that nobody can read would be guessed',
  find: (policies: Policies) =>
    [...leaves(policies)].flatMap(([path, value]): readonly Broken[] => {
      if (typeof value === 'number')
        return unless(Number.isFinite(value) && value > 0, path, value, 'must be a number greater than zero.')
      const parser = quantities.find(([pattern]) => pattern.test(path))?.[1]
      return parser ? unreadable(parser, path, value) : []
    }),
}

function unreadable(parser: Parser, path: string, value: unknown): Broken[] {
  try {
    return unless(parser(value as never) > 0, path, value, 'must be greater than zero.')
  } catch (error) {
    return [{ path, value, says: `cannot be read: ${(error as Error).message}` }]
  }
}
