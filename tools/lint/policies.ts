import { policies } from '../../policies/bundle.ts'
import { binds, checkAll, checks } from '../../policies/checks/index.ts'
import type { Finding } from '../../policies/model/finding.ts'
import { checksTable } from './checks-table.ts'

const line = ({ message, rule, purpose }: Finding): string => `  ${message} (${rule}: ${purpose})`

/** What the checks say of the policies in force: what stops an environment, and what is only advice. */
export function policyReport(of = policies): { readonly text: string; readonly ok: boolean } {
  const found = checkAll(of)
  const stops = new Set(
    found.filter((finding) => Object.keys(of.environments).some((environment) => binds(finding, environment, of))),
  )
  const advice = found.filter((finding) => !stops.has(finding))
  const parts = [
    ...(stops.size > 0 ? [`Must change (${stops.size}):`, ...[...stops].map(line)] : []),
    ...(advice.length > 0
      ? [`Advice, where the environment does not bind the rule (${advice.length}):`, ...advice.map(line)]
      : []),
    stops.size > 0
      ? `The policies contradict themselves in ${stops.size === 1 ? 'one place' : `${stops.size} places`}.`
      : `The policies contradict nothing that binds (${checks.length} rules).`,
  ]
  return { text: parts.join('\n'), ok: stops.size === 0 }
}

if (import.meta.main) {
  const { text, ok } = policyReport()
  console.log(process.argv.includes('--table') ? checksTable() : text)
  process.exitCode = ok ? 0 : 1
}
