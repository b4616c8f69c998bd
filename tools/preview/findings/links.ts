import type { Policies } from '../../../policies/bundle.ts'
import { milliseconds } from '../../../policies/model/units.ts'

/** One edge over which copies go in an environment, against law and latency. */
export interface LinkRow {
  readonly environment: string
  readonly from: string
  readonly to: string
  readonly replication: string
  readonly roundTrip: string
  /** The share of the promised latency that one round trip takes. */
  readonly ofBudget: number
  /** What must not go there, in words; none: all classes may. */
  readonly illegal: readonly string[]
}

const words = (list: readonly string[]): string =>
  list.length < 2 ? (list[0] ?? 'nowhere') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`

/** Data classes that are copied to other regions: those of replicated buckets, of topics and of the hot tier. */
const copied = ({ buckets, topics, storage }: Policies): readonly string[] => [
  ...new Set([
    storage.hot.dataClass,
    ...Object.values(topics).map(({ dataClass }) => dataClass),
    ...Object.values(buckets ?? {})
      .filter(({ replicated }) => replicated)
      .map(({ dataClass }) => dataClass),
  ]),
]

/** Every replication edge of every environment. Empty for policies that are older than links. */
export function linkRows(policies: Policies): LinkRow[] {
  const { regions, objectives, links = [], environments } = policies
  const budget = milliseconds(objectives.ingest.latencyP99)
  return Object.entries(environments).flatMap(([environment, { regions: own }]) =>
    links
      .filter(({ from, to }) => own.includes(from) && own.includes(to))
      .map(({ from, to, replication, roundTrip }) => {
        const [here, there] = [regions[from]?.jurisdiction ?? '?', regions[to]?.jurisdiction ?? '?']
        const illegal = copied(policies).flatMap((name) => {
          const may: readonly string[] = objectives.dataClasses?.[name]?.jurisdictions ?? []
          if (may.includes(there)) return []
          return `Copies of '${name}' would go from ${from} (jurisdiction '${here}') to ${to} (jurisdiction '${there}'), but '${name}' may lie in ${words(may.map((law) => `'${law}'`))} only: see objectives.dataClasses.${name}.jurisdictions.`
        })
        return { environment, from, to, replication, roundTrip, ofBudget: milliseconds(roundTrip) / budget, illegal }
      }),
  )
}
