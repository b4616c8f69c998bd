import { writeFileSync } from 'node:fs'
import { policies } from '../../policies/bundle.ts'
import { UsageError } from '../region/context.ts'
import { SimulateError } from './error.ts'
import type { Mode } from './foresight.ts'
import { scaledTo, type Trace } from './load.ts'
import { help, parseOptions, type SimulateOptions } from './options.ts'
import { defaultCapacity, type Plan, planOf } from './plan.ts'
import { plot } from './plot.ts'
import { type Run, table } from './report.ts'
import { simulate } from './simulate.ts'
import { svg } from './svg.ts'
import { readTrace } from './trace.ts'

/** Each mode's run over the trace. */
function runs(
  trace: Trace,
  plan: Plan,
  { modes, capacity, startup }: Pick<SimulateOptions, 'modes' | 'capacity' | 'startup'>,
): Run[] {
  const pod = { capacity: capacity ?? defaultCapacity(plan), startup: startup ?? plan.startup }
  return modes.map((mode: Mode) => ({ mode, ...pod, ...simulate(trace, plan, { mode, ...pod }) }))
}

function main(args: readonly string[]): void {
  const options = parseOptions(args)
  if (!options) {
    console.log(help)
    return
  }
  const plan = planOf(policies, options.policy)
  const read = readTrace(options.trace)
  const trace = options.peak === undefined ? read : scaledTo(options.peak, read)
  const done = runs(trace, plan, options)
  if (options.out)
    writeFileSync(
      options.out,
      svg(
        trace,
        done.map((run) => ({ title: run.mode, run })),
      ),
    )
  console.log(
    options.json
      ? JSON.stringify(Object.fromEntries(done.map(({ mode, figures }) => [mode, figures])), null, 2)
      : [table(trace, plan, done), plot(trace, done, process.stdout.columns)].join('\n\n'),
  )
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof SimulateError || error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
