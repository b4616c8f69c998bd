import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Forecaster } from '../../services/platform/forecaster/model/forecaster.ts'
import type { ForecasterOptions } from '../../services/platform/forecaster/model/options.ts'

/** How a forecaster did on a series, in the series' unit; what is not known yet is undefined. */
export interface Backtest {
  readonly steps: number
  /** The share of steps at which the gate was open. */
  readonly gate_open_share: number
  /** Mean pinball losses over all steps, at the quantile asked for: the forecaster's best candidate, and the last value with its own errors' quantile. */
  readonly pinball: number
  readonly pinball_persistence: number
  /** pinball / pinball_persistence: below 1 the history told something. */
  readonly relative: number
  /** The best candidate of the last day. */
  readonly candidate: string
  /** Processor time for a step, microseconds. */
  readonly step_us: number
}

/** Feeds a series step by step. NaN: a gap. Losses are means of what the forecaster says of its last day, step by step. */
export function backtest(values: readonly number[], options: ForecasterOptions): Backtest {
  const forecaster = new Forecaster(options)
  let [open, judged, best, persistence] = [0, 0, 0, 0]
  let candidate = ''
  const before = process.cpuUsage()
  for (const value of values) {
    forecaster.observe(Number.isNaN(value) ? undefined : value)
    const { active, loss } = forecaster.forecast()
    if (active) open++
    candidate = loss.candidate
    if (!Number.isFinite(loss.best) || !Number.isFinite(loss.persistence)) continue
    judged++
    best += loss.best
    persistence += loss.persistence
  }
  const { user, system } = process.cpuUsage(before)
  const steps = values.length
  return {
    steps,
    gate_open_share: open / Math.max(1, steps),
    pinball: best / Math.max(1, judged),
    pinball_persistence: persistence / Math.max(1, judged),
    relative: persistence > 0 ? best / persistence : 1,
    candidate,
    step_us: (user + system) / Math.max(1, steps),
  }
}

/** The second column of a CSV with a header, gzipped or not; what is no number is a gap. */
export function seriesOf(file: string): number[] {
  const raw = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8')
  const rows = text.trim().split('\n').slice(1)
  return rows.map((row) => {
    const cell = row.split(',')[1]?.trim() ?? ''
    return cell === '' ? Number.NaN : Number(cell)
  })
}
