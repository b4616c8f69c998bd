import { styleText } from 'node:util'
import { policies } from '../../policies/bundle.ts'
import { scalingTimes, type WorstCase } from '../../policies/scaling-times.ts'

const names = ['window', 'scrape', 'polling', 'sync', 'stabilisation', 'steps', 'startup'] as const

const line = (row: string, way: string, { seconds, parts }: WorstCase): string => {
  const each = names.map((name) => Math.ceil(parts.find((part) => part.name === name)?.seconds ?? 0) || '')
  return `| ${[`\`${row}\``, way, `**${Math.ceil(seconds)}**`, ...each].join(' | ')} |`
}

/** The worst cases of every row by its own bounds, as a table of docs/autoscaling.md. */
export function scalingTable(): string {
  const lines = Object.keys(policies.scaling).flatMap((row) => {
    const times = scalingTimes(policies, row)
    if (!times) return []
    return [
      ...(times.up ? [line(row, `up, by ${times.up.metric}`, times.up)] : []),
      line(row, 'down', times.down),
      ...(times.cold ? [line(row, 'from none', times.cold)] : []),
    ]
  })
  const head = ['row', '', 'at most', ...names]
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines, ''].join('\n')
}

if (import.meta.main) process.stdout.write(`${styleText('bold', 'Worst cases, in seconds')}\n\n${scalingTable()}`)
