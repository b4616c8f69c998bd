import { asPromql, type DashboardPlan } from '../dashboards/panel.ts'
import type { Places } from '../region/context.ts'
import { askPrometheus } from './prometheus.ts'

interface Answered {
  readonly data: { readonly result: readonly unknown[] }
}

/** The queries of dashboards that a region's Prometheus has no data for, though they must have some: 'dashboard, panel: query'. */
export async function withoutData(where: Places, plans: readonly DashboardPlan[]): Promise<readonly string[]> {
  const empty: string[] = []
  for (const { uid, rows } of plans)
    for (const { title, queries } of rows.flatMap(({ panels }) => panels))
      for (const { expr, mayBeEmpty } of queries) {
        const promql = asPromql(expr)
        const { status, body } = await askPrometheus(where, `query?query=${encodeURIComponent(promql)}`)
        if (status !== 200) empty.push(`${uid}, ${title}: ${promql} is answered with ${status}: ${body}`)
        else if (mayBeEmpty === undefined && (JSON.parse(body) as Answered).data.result.length === 0)
          empty.push(`${uid}, ${title}: ${promql}`)
      }
  return empty
}

interface Rules {
  readonly data: {
    readonly groups: readonly {
      readonly file: string
      readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
    }[]
  }
}

/** How many rules a region's Prometheus has, and those that it cannot evaluate, each with what it says of them. */
export async function ruleHealth(
  where: Places,
): Promise<{ readonly rules: number; readonly failing: readonly string[] }> {
  const { status, body } = await askPrometheus(where, 'rules')
  if (status !== 200) throw new Error(`Prometheus answered ${status}: ${body}`)
  const rules = (JSON.parse(body) as Rules).data.groups.flatMap((group) => group.rules)
  const failing = rules.filter(({ health }) => health === 'err').map(({ name, lastError }) => `${name}: ${lastError}`)
  return { rules: rules.length, failing }
}
