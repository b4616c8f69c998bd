import { forThisRegion } from '../../common/http/admin.ts'
import type { Routes } from '../../common/http/server.ts'
import type { CostWatch } from './cost-watch.ts'
import type { RuleBook } from './rule-book.ts'

/** `GET /rules`: what is in force, what was left out and why, and what was taken out while it ran. `POST /rules/reload`: looks at the files now. */
export const rulesRoutes = (book: RuleBook, watch: CostWatch): Routes => ({
  'GET /rules': (exchange) => {
    forThisRegion(exchange, 'Rules')
    const pack = book.current
    return {
      status: 200,
      body: {
        version: pack?.version,
        rules: pack?.ruleSet.rules.length ?? 0,
        correlations: pack?.correlations.length ?? 0,
        problems: pack?.problems ?? [],
        isolated: watch.isolated,
      },
    }
  },
  'POST /rules/reload': async (exchange) => {
    forThisRegion(exchange, 'Rules')
    return { status: 200, body: { changed: await book.reload() } }
  },
})
