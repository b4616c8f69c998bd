import { type Policies, policies } from '../bundle.ts'
import { assertNoFindings, type Finding } from '../model/finding.ts'
import { addresses } from './addresses.ts'
import { cacheLevels } from './cache-levels.ts'
import { type Check, findings } from './check.ts'
import { cluster } from './cluster.ts'
import { consumers } from './consumers.ts'
import { coordination } from './coordination.ts'
import { crossTenant } from './cross-tenant.ts'
import { grace } from './grace.ts'
import { headroom } from './headroom.ts'
import { highAvailability } from './high-availability.ts'
import { identifiers } from './identifiers.ts'
import { levels } from './levels.ts'
import { links } from './links.ts'
import { load } from './load.ts'
import { memory } from './memory.ts'
import { metrics } from './metrics.ts'
import { pools } from './pools.ts'
import { ports } from './ports.ts'
import { promises } from './promises.ts'
import { autoscalingQuota, quota } from './quota.ts'
import { records } from './records.ts'
import { recovery } from './recovery.ts'
import { regions, residency } from './regions.ts'
import { replay } from './replay.ts'
import { replication } from './replication.ts'
import { retention } from './retention.ts'
import { scalingRow } from './scaling-row.ts'
import { scalingSignal } from './scaling-signal.ts'
import { scalingTime } from './scaling-time.ts'
import { serviceGraph } from './service-graph.ts'
import { sizes } from './sizes.ts'
import { slots } from './slots.ts'
import { tracing } from './tracing.ts'
import { traffic } from './traffic.ts'
import { units } from './units.ts'

export type { Check } from './check.ts'

/** Every check, in the order of their findings. */
export const checks: readonly Check[] = [
  units,
  serviceGraph,
  ports,
  metrics,
  scalingRow,
  scalingSignal,
  scalingTime,
  load,
  consumers,
  sizes,
  quota,
  autoscalingQuota,
  replication,
  highAvailability,
  regions,
  residency,
  recovery,
  slots,
  identifiers,
  records,
  memory,
  replay,
  retention,
  cacheLevels,
  crossTenant,
  grace,
  promises,
  levels,
  addresses,
  links,
  coordination,
  headroom,
  pools,
  cluster,
  traffic,
  tracing,
]

/** The rules that an environment demands or leaves as advice; all others bind everywhere. */
const bindable: ReadonlySet<string> = new Set(checks.flatMap((check) => (check.bindable ? [check.rule] : [])))

/** Everything that contradicts itself. While a quantity cannot be read, only those are named: the rest would be guesses. */
export function checkAll(all: Policies = policies): Finding[] {
  const unreadable = findings(units, all)
  return unreadable.length > 0 ? unreadable : checks.flatMap((check) => findings(check, all))
}

/** Whether a finding stops what is done in `environment`; if not, it is advice there or somebody else's. */
export function binds(finding: Finding, environment: string, all: Policies = policies): boolean {
  if (finding.environment === undefined) return true
  if (finding.environment !== environment) return false
  const demanded: readonly string[] = all.environments[environment]?.binding ?? []
  return !bindable.has(finding.rule) || demanded.includes(finding.rule)
}

/** Throws PolicyError with all that binds in the environment; answers the rest, which is advice. */
export function checkEnvironment(environment: string, all: Policies = policies): Finding[] {
  const found = checkAll(all)
  assertNoFindings(found.filter((finding) => binds(finding, environment, all)))
  return found.filter((finding) => finding.environment === environment)
}
