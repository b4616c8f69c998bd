import type { TokenProvider } from '../tokens.ts'
import type { Api } from './api.ts'
import { saslAuthenticate, saslHandshake } from './cluster-apis.ts'
import { refuse } from './errors.ts'

type Exchange = <Request, Answer>(api: Api<Request, Answer>, request: Request) => Promise<Answer>

/** The broker does not take our token. */
export class AuthenticationError extends Error {
  readonly code = 'NOT_AUTHENTICATED'
}

/**
 * Shows a token (SASL OAUTHBEARER). Resolves with how long the session lasts, milliseconds, 0 for ever. Nothing of the token or of the broker's answer
 * is in an error.
 * @see https://www.rfc-editor.org/rfc/rfc7628
 */
export async function authenticate(tokens: TokenProvider, exchange: Exchange): Promise<number> {
  const { value } = await tokens.token()
  const { error } = await exchange(saslHandshake, 'OAUTHBEARER')
  refuse(error, 'to be shown a token')
  const answer = await exchange(saslAuthenticate, Buffer.from(`n,,\u0001auth=Bearer ${value}\u0001\u0001`))
  refuse(answer.error, 'our token')
  // A refusal of the token itself comes as bytes, without an error number.
  if (answer.bytes !== null && answer.bytes.length > 0)
    throw new AuthenticationError('The broker does not take our token: look whether this workload may connect.')
  return answer.sessionMs
}
