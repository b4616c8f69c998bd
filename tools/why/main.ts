import { parseArgs } from 'node:util'
import { places, UsageError } from '../region/context.ts'
import { command } from '../region/run.ts'
import { askWhy, scaled } from './ask.ts'
import { lines } from './objects.ts'

const usage = `usage: nd why SERVICE [--at TIME | --ago 10m] [--json]

Says why a service of the local region has as many pods as it has, or had: what each metric asks for, tolerance, stabilisation, the step,
the bounds, forecasts and what stands in for a metric that is missing. SERVICE: ${scaled.join(', ')}.
  --at TIME   a past moment: 2026-11-28T18:00:00Z
  --ago SPAN  so long ago: 90s, 10m, 2h`

const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const

/** The moment that is asked about, milliseconds. */
export function momentOf({ at, ago }: { readonly at?: string; readonly ago?: string }, now: number): number {
  if (at !== undefined && ago !== undefined) throw new UsageError('Give --at or --ago, not both.')
  if (ago !== undefined) {
    const [, number, unit] = /^(\d+)([smh])$/.exec(ago) ?? []
    if (!number) throw new UsageError(`--ago ('${ago}') must be a number and s, m or h: 10m.`)
    return now - Number(number) * units[unit as keyof typeof units]
  }
  const moment = at === undefined ? now : Date.parse(at)
  if (Number.isNaN(moment) || moment > now)
    throw new UsageError(`--at ('${at}') must be a past moment: 2026-11-28T18:00:00Z.`)
  return moment
}

export const main = (args: string[]): Promise<number> =>
  command(async (signal) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        at: { type: 'string' },
        ago: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const [service = ''] = positionals
    const now = Date.now()
    const { explained, cluster, unasked } = await askWhy(places(), service, { at: momentOf(values, now), now }, signal)
    const also = { ...(cluster ? { cluster } : {}), ...(unasked ? { unasked } : {}) }
    if (values.json) console.log(JSON.stringify({ ...explained, ...also }))
    else console.log(lines(explained, cluster, unasked).join('\n'))
    return 0
  })
