import { type Credentials, podCredentials } from '../../aws/credentials.ts'
import type { Log } from '../../log/log.ts'
import { CachedTokens, type Token, type TokenProvider } from './tokens.ts'

export interface MskTokensOptions {
  /** Of AWS. */
  readonly region: string
  readonly log: Log
  /** Default: those of the pod's role, from the agent of EKS Pod Identity. Never those of the node. */
  readonly credentials?: () => Promise<Credentials>
}

/** Tokens for Amazon MSK with IAM: each is a signed request to connect, good for 15 minutes and no longer than the credentials behind it. */
export const mskTokens = ({ region, log, credentials }: MskTokensOptions): TokenProvider =>
  new CachedTokens({ log, mint: () => mint(region, credentials) })

async function mint(region: string, credentials = podCredentials): Promise<Token> {
  // Loaded when needed: a local region never is.
  const { generateAuthTokenFromCredentialsProvider } = await import('aws-msk-iam-sasl-signer-js')
  const { expiration, ...identity } = await credentials()
  // Without the expiry: the signer would write what is left of it into the request as a fraction, which AWS does not take.
  const { token, expiryTime } = await generateAuthTokenFromCredentialsProvider({
    region,
    awsCredentialsProvider: async () => identity,
  })
  return { value: token, expiresAt: Math.min(expiryTime, expiration?.getTime() ?? Number.POSITIVE_INFINITY) }
}
