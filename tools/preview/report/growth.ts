import { type Curve, curves, machines as measuredOn } from '../growth/curves.ts'
import type { GrowthChange, GrowthRow, Multiple, ServiceAtLoad } from '../growth/growth.ts'
import { count, difference, dollars } from './values.ts'

/** '3 m7i.4xlarge, 2 g6.xlarge' */
const machineWords = ({ machines }: GrowthRow): string =>
  [...machines].map(([type, many]) => `${many} ${type}`).join(', ') || 'none'

/** A row of both reports: what a region takes at one load, and how that changes. */
export interface GrowthLine {
  readonly environment: string
  readonly load: string
  readonly machines: string
  readonly dollars: string
  readonly change: string
  readonly short: readonly string[]
}

export function growthLine({ before, after }: GrowthChange): GrowthLine {
  const row = (after ?? before)!
  const [was, is] = [before, after].map((side) => side && machineWords(side))
  return {
    environment: row.environment,
    load: `${row.multiple}×`,
    machines: was === is || was === undefined || is === undefined ? (is ?? was)! : `${was} → ${is}`,
    dollars: dollars(after?.dollars ?? 0),
    change: difference((after?.dollars ?? 0) - (before?.dollars ?? 0)),
    short: after?.short ?? [],
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

const latency = ({ p99, beyond }: ServiceAtLoad): string => {
  if (p99) return `${p99.within ? '≤ ' : ''}${count(p99.ms)} ms`
  return beyond ? 'not measured' : ''
}

/** One service of an environment over all loads: its pods (before → after), how busy each is, and its P99. */
export interface ServiceLine {
  readonly service: string
  readonly cells: readonly { readonly pods: string; readonly by: string; readonly busy: string; readonly p99: string }[]
}

export function serviceLines(changes: readonly GrowthChange[], environment: string): ServiceLine[] {
  const own = changes.filter(({ after }) => after?.environment === environment)
  const names = own[0]?.after?.services.map(({ service }) => service) ?? []
  return names.map((service) => ({
    service,
    cells: own.map(({ before, after }) => {
      const find = (row: GrowthRow | undefined) => row?.services.find((one) => one.service === service)
      const [was, is] = [find(before), find(after)!]
      return {
        pods: was && was.replicas !== is.replicas ? `${was.replicas} → ${is.replicas}` : `${is.replicas}`,
        by: is.by,
        busy: is.busy === undefined ? '' : percent(is.busy),
        p99: latency(is),
      }
    }),
  }))
}

/** Environments of the head, and the loads that are looked at. */
export const growthEnvironments = (changes: readonly GrowthChange[]): string[] => [
  ...new Set(changes.flatMap(({ after }) => after?.environment ?? [])),
]
export const growthLoads = (changes: readonly GrowthChange[]): Multiple[] => [
  ...new Set(changes.flatMap(({ after }) => after?.multiple ?? [])),
]

/** Where a curve comes from, a sentence each. */
export const curveWords = (): string[] =>
  Object.entries(curves).map(([service, { date, machine, command, points, unit, remark }]: [string, Curve]) => {
    const range = points.map(({ rate }) => count(rate)).join(' and ')
    return `${service}: ${range} ${unit}, ${date}, ${command}, on ${measuredOn[machine] ?? machine}. ${remark}`
  })

/** What the reckoning is, and is not. */
export const growthIs =
  'Pods in a steady state by the rows of policies/scaling.ts, with the warm headroom, on whole machines packed by what pods ask for; the load is objectives.load, of one region. How busy a pod is, and its P99, come from what one pod was measured to do (tools/preview/growth/curves.json), on a machine that was shared: they are of use for comparing, not for promising. Cost is that of the machines alone.'

/** 'prod $12 at 1×, $13 at 2×, $20 at 10×' */
export function growthWords(changes: readonly GrowthChange[]): string {
  if (growthEnvironments(changes).length === 0) return 'no stacks in the cloud'
  return growthEnvironments(changes)
    .map((environment) => {
      const own = changes.flatMap(({ after }) => (after?.environment === environment ? after : []))
      const short = own.filter((row) => row.short.length > 0).map(({ multiple }) => `${multiple}×`)
      const each = own.map((row) => `${dollars(row.dollars)} at ${row.multiple}×`).join(', ')
      return `${environment} ${each}${short.length > 0 ? ` (short at ${short.join(' and ')})` : ''}`
    })
    .join('; ')
}
