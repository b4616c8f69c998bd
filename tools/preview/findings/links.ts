import type { Policies } from '../../../policies/bundle.ts'
import { milliseconds } from '../../../policies/model/units.ts'
import { forbiddenEdges, type ReplicationEdge, replicationEdges } from '../../../policies/residency.ts'

/** One edge between two regions of an environment, against law and latency. */
export interface LinkRow {
  readonly environment: string
  readonly from: string
  readonly to: string
  /** Of the law at its end. */
  readonly jurisdiction: string
  /** Of the hot tier. */
  readonly replication: string
  readonly roundTrip: string
  /** The share of the promised latency that one round trip takes. */
  readonly ofBudget: number
  /** What is copied: 'topic events.raw'. */
  readonly carries: readonly string[]
  /** What would be copied, were it allowed. */
  readonly forbidden: readonly string[]
}

const named = ({ what, name }: ReplicationEdge): string => `${what} ${name}`

/** Every replication edge of every environment. Empty for policies that are older than links. */
export function linkRows(policies: Policies): LinkRow[] {
  const { regions, objectives, links = [], environments } = policies
  const budget = milliseconds(objectives.ingest.latencyP99)
  return Object.entries(environments).flatMap(([environment, { regions: own }]) =>
    links
      .filter(({ from, to }) => own.includes(from) && own.includes(to))
      .map(({ from, to, replication, roundTrip }): LinkRow => {
        const here = (edge: ReplicationEdge): boolean => edge.from === from && edge.to === to
        return {
          ...{ environment, from, to, replication, roundTrip },
          jurisdiction: regions[to]?.jurisdiction ?? 'unknown',
          ofBudget: milliseconds(roundTrip) / budget,
          carries: replicationEdges(policies, environment).filter(here).map(named),
          forbidden: forbiddenEdges(policies, environment).filter(here).map(named),
        }
      }),
  )
}
