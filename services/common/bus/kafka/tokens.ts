import type { Log } from '../../log/log.ts'

/** What a broker is shown; whoever has it can speak for this process, so it goes nowhere else. */
export interface Token {
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface TokenProvider {
  /** A token that brokers take now. Rejects with KafkaTokenError. */
  token(): Promise<Token>
}

/** No token can be made. Its cause is named, not kept: what credential services answer may hold what they guard. */
export class KafkaTokenError extends Error {
  readonly code = 'NO_KAFKA_TOKEN'
  constructor(reason: string) {
    super(
      `No token for the brokers can be made (${reason}). Look whether the pod's service account has a role (EKS Pod Identity) and the agent on its node answers.`,
    )
    this.name = 'KafkaTokenError'
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)

/**
 * A session ends with its token. kafkajs renews it ten seconds before, with each request where it has less, and a broker refuses a second
 * renewal within a second (ILLEGAL_SASL_STATE): a token with less than this is none.
 */
const leastLifeMs = 30_000

export interface CachedTokensOptions {
  readonly mint: () => Promise<Token>
  readonly log: Log
  readonly now?: () => number
}

/**
 * Keeps a token for two thirds of its life, then makes the next one; callers at the same time share one attempt. While none can be made, the
 * old one serves until it expires.
 */
export class CachedTokens implements TokenProvider {
  readonly #mint: () => Promise<Token>
  readonly #log: Log
  readonly #now: () => number
  #kept: { readonly token: Token; readonly renewAt: number } | undefined
  #minting: Promise<Token> | undefined

  constructor({ mint, log, now = Date.now }: CachedTokensOptions) {
    this.#mint = mint
    this.#log = log
    this.#now = now
  }

  token(): Promise<Token> {
    if (this.#kept && this.#now() < this.#kept.renewAt) return Promise.resolve(this.#kept.token)
    this.#minting ??= this.#renew().finally(() => {
      this.#minting = undefined
    })
    return this.#minting
  }

  async #renew(): Promise<Token> {
    try {
      const token = await this.#mint()
      const now = this.#now()
      const life = token.expiresAt - now
      if (token.value === '' || !(life > leastLifeMs)) throw new KafkaTokenError('the new one has expired already')
      this.#kept = { token, renewAt: now + (life * 2) / 3 }
      return token
    } catch (error) {
      const failure = error instanceof KafkaTokenError ? error : new KafkaTokenError(nameOf(error))
      const kept = this.#kept?.token
      if (kept === undefined || kept.expiresAt - this.#now() <= leastLifeMs) throw failure
      this.#log.warn('The next token for the brokers cannot be made yet; the present one still holds.', {
        error: failure,
      })
      return kept
    }
  }
}
