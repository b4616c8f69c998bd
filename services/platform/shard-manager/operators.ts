import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { WatchedFile, type WatchedFileOptions } from '../../common/files/watched-file.ts'
import { HttpError } from '../../common/http/errors.ts'

/** `read`: look and plan. `change`: carry out and give up. */
const rights = ['read', 'change'] as const
export type Right = (typeof rights)[number]

export interface Operator {
  readonly name: string
  readonly may: readonly Right[]
}

/** A file of operators that cannot be used: every problem at once, without tokens. */
export class OperatorsError extends Error {
  readonly code = 'BAD_OPERATORS'
  constructor(problems: readonly string[]) {
    super(`The list of operators cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`)
  }
}

/** Reads `{"operators": [{"operator", "tokenSha256", "may": ["read", "change"]}]}`. Throws OperatorsError. */
export function parseOperators(text: string): ReadonlyMap<string, Operator> {
  let listed: unknown
  try {
    listed = (JSON.parse(text) as { operators?: unknown }).operators
  } catch {
    throw new OperatorsError(['It is not JSON.'])
  }
  if (!Array.isArray(listed)) throw new OperatorsError(['It must be {"operators": [...]}.'])
  const problems: string[] = []
  const found = new Map<string, Operator>()
  for (const [index, entry] of listed.entries()) {
    const { operator, tokenSha256, may } = (entry ?? {}) as Record<string, unknown>
    const at = `operators[${index}]`
    if (typeof operator !== 'string' || !/^[a-z0-9][a-z0-9._-]{0,62}$/.test(operator))
      problems.push(`${at}.operator must be 1 to 63 of a-z, 0-9, '.', '_', '-'.`)
    if (typeof tokenSha256 !== 'string' || !/^[0-9a-f]{64}$/.test(tokenSha256))
      problems.push(`${at}.tokenSha256 must be 64 hexadecimal digits.`)
    else if (found.has(tokenSha256)) problems.push(`${at}.tokenSha256 stands here twice: a token names one operator.`)
    if (!Array.isArray(may) || may.length === 0 || !may.every((one) => rights.includes(one)))
      problems.push(`${at}.may must list rights of ${rights.join(', ')}.`)
    if (problems.length === 0) found.set(tokenSha256 as string, { name: operator as string, may: may as Right[] })
  }
  if (problems.length > 0) throw new OperatorsError(problems)
  return found
}

/** Who may ask for what: operators by their token's SHA-256, from a mounted file that may change while we run. */
export class Operators {
  readonly #file: WatchedFile<ReadonlyMap<string, Operator>>

  /** Throws what cannot be used at boot. Later, the last good content stays. */
  constructor(options: Pick<WatchedFileOptions<unknown>, 'file' | 'log' | 'pollMs' | 'counts'>) {
    this.#file = new WatchedFile({
      ...options,
      name: 'operators',
      what: 'the list of operators',
      parse: parseOperators,
    })
  }

  /** Reads the file again now. */
  reload(): void {
    this.#file.reload()
  }

  /** The operator whose token a request bears, if it may do this. Throws HttpError 401, 403. */
  require(request: Pick<IncomingMessage, 'headers'>, right: Right): Operator {
    const token = /^Bearer ([A-Za-z0-9_.~+/=-]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1]
    // Found by its hash: how long that takes tells nothing of the token.
    const found =
      token === undefined ? undefined : this.#file.current.get(createHash('sha256').update(token).digest('hex'))
    if (!found)
      throw new HttpError(401, 'NO_OPERATOR', "Send an operator's token: 'Authorization: Bearer <token>'.", {
        headers: { 'www-authenticate': 'Bearer' },
      })
    if (!found.may.includes(right))
      throw new HttpError(
        403,
        'NOT_ALLOWED',
        `Operator '${found.name}' may ${found.may.join(', ')}; this takes '${right}'.`,
      )
    return found
  }

  close(): void {
    this.#file.close()
  }
}
