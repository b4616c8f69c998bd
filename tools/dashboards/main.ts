import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { policies } from '../../policies/bundle.ts'
import { dashboardFile } from './dashboard.ts'
import { dashboardPlans } from './plans.ts'

const usage = `usage: npm run --silent dashboards -- --out DIR

Writes a dashboard of Grafana for every service, DIR/neurodefender-SERVICE.json, as they follow from the policies.
Each asks which Prometheus it is to show. docs/observability.md says how Grafana gets them.`

/** Answers the exit status. */
export function main(args: readonly string[]): number {
  try {
    const { values } = parseArgs({ args: [...args], options: { out: { type: 'string' }, help: { type: 'boolean' } } })
    if (values.help) {
      console.log(usage)
      return 0
    }
    if (!values.out) throw new TypeError('--out is missing.')
    mkdirSync(values.out, { recursive: true })
    for (const plan of dashboardPlans(policies)) {
      const file = join(values.out, `${plan.uid}.json`)
      writeFileSync(file, dashboardFile(plan))
      console.log(file)
    }
    return 0
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    return 2
  }
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
