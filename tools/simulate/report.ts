import type { Mode } from './foresight.ts'
import { peakOf, type Trace } from './load.ts'
import type { Plan } from './plan.ts'
import type { Simulation } from './simulate.ts'

/** A mode's simulation and the pod that it assumed. */
export interface Run extends Simulation {
  readonly mode: Mode
  readonly capacity: number
  readonly startup: number
}

const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const columns = [
  '',
  'overload min',
  'excess requests',
  'pod hours',
  'scale events',
  'max replicas',
  'longest wait',
] as const

/** What was simulated, in words, and the figures of each mode. */
export function table(trace: Trace, plan: Plan, runs: readonly Run[]): string {
  const rows = runs.map(({ mode, figures, longestWait }) => [
    mode,
    figure(figures.overload_minutes),
    `${figure(figures.excess_request_share * 100, 3)} %`,
    figure(figures.pod_hours, 1),
    figure(figures.scale_events),
    figure(figures.max_replicas),
    `${figure(longestWait, longestWait < 10 ? 1 : 0)} s`,
  ])
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  const { perSecond } = trace
  const peak = peakOf(trace)
  const gaps = perSecond.reduce((count, rate) => count + (Number.isNaN(rate) ? 1 : 0), 0)
  const { capacity, startup } = runs[0] ?? { capacity: 0, startup: 0 }
  const { minReplicas, maxReplicas, metrics } = plan.spec
  return [
    `${plan.policy}: ${figure(perSecond.length)} minutes${gaps ? `, ${figure(gaps)} of them not recorded` : ''}; peak ${figure(peak, peak < 100 ? 2 : 0)} requests/s.`,
    `${minReplicas} to ${maxReplicas} pods that answer ${figure(capacity)} requests/s each, ${figure(startup)} s after they are asked for.`,
    `Simulated: ${metrics.map(({ name, target }) => `${name} (${figure(target / 1_000)} a pod)`).join(', ')}.${plan.unknown.length > 0 ? ` A trace of requests says nothing of ${plan.unknown.join(', ')}.` : ''}`,
    '',
    ...[columns, ...rows].map(line),
  ].join('\n')
}
