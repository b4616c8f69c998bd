import { hkdfSync } from 'node:crypto'
import { authenticateOperator } from '../../../common/http/bearer.ts'
import { HttpError } from '../../../common/http/errors.ts'
import type { Exchange, Answer as HttpAnswer, Routes } from '../../../common/http/server.ts'
import type { TenantRegistry } from '../../../common/tenants/registry.ts'
import type { Gate } from '../gate.ts'
import type { HotTier } from '../hot-tier.ts'
import type { AnalyticsMetrics } from '../metrics.ts'
import { readJson } from '../request.ts'
import type { Audit } from './audit.ts'
import type { Budget } from './budget.ts'
import { type CrossLimits, parseCrossQuestion } from './question.ts'
import { released } from './release.ts'
import { type CrossRules, crossStatement, type PseudonymKey } from './statement.ts'

export interface OperatorsOptions {
  readonly tenants: Pick<TenantRegistry, 'findOperator'>
  /** The same for every replica; pseudonyms and deviations follow from it. */
  readonly secret: string
  readonly limits: CrossLimits
  readonly rules: CrossRules
  readonly audit: Pick<Audit, 'record'>
  readonly budget: Pick<Budget, 'take'>
  readonly gate: Pick<Gate, 'pass'>
  readonly hotTier: Pick<HotTier, 'run'>
  readonly metrics: Pick<AnalyticsMetrics, 'errors'>
}

/** Operators wait as one tenant does; no tenant's name has such signs. */
const line = '(operators)'

/**
 * `POST /v1/operators/query`: what all tenants have in common, for operators. A way of its own: other tokens, other questions, nothing cached; each
 * question is written down before it is asked.
 */
export class Operators {
  readonly #options: OperatorsOptions
  readonly #pseudonyms: PseudonymKey
  readonly #deviations: Buffer

  constructor(options: OperatorsOptions) {
    this.#options = options
    const derived = (use: string) => Buffer.from(hkdfSync('sha256', options.secret, '', `neurodefender ${use}`, 32))
    const key = derived('pseudonyms of tenants')
    this.#pseudonyms = [key.readBigUInt64LE(0), key.readBigUInt64LE(8)]
    this.#deviations = derived('deviations of groups')
  }

  get routes(): Routes {
    return { 'POST /v1/operators/query': (exchange) => this.#counted(exchange) }
  }

  async #counted(exchange: Exchange): Promise<HttpAnswer> {
    try {
      return await this.#answer(exchange)
    } catch (error) {
      this.#options.metrics.errors.inc({ reason: error instanceof HttpError ? error.code : 'INTERNAL' })
      throw error
    }
  }

  async #answer({ request, signal }: Exchange): Promise<HttpAnswer> {
    const { tenants, limits, rules, audit, budget, gate, hotTier } = this.#options
    const start = performance.now()
    const operator = authenticateOperator(request, tenants, 'cross-tenant')
    const question = parseCrossQuestion(await readJson(request), limits)
    const id = await audit.record(operator.name, question)
    await budget.take(operator.name)
    const statement = crossStatement(question, this.#pseudonyms, rules)
    const answer = await gate.pass(line, signal, () => hotTier.run(statement, signal))
    const body = { ...released(answer, rules, this.#deviations), audit: id }
    return { status: 200, body: { ...body, elapsedMs: Math.round(performance.now() - start) } }
  }
}
