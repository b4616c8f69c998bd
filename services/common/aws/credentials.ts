/** By which AWS knows who asks. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

/** Those of the pod's role, from the agent of EKS Pod Identity. Never those of the node. */
export async function podCredentials(): Promise<Credentials> {
  // Loaded when needed: a local region never is.
  const { fromHttp } = await import('@aws-sdk/credential-provider-http')
  return fromHttp({ timeout: 2_000, maxRetries: 3 })()
}
