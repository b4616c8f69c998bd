import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface S3Access {
  /** Of AWS. */
  readonly region: string
  /** A store that is not AWS's; the bucket is then the first part of the path. */
  readonly endpoint?: URL | undefined
  /** Undefined: requests are not signed. */
  readonly credentials?: (() => Promise<Credentials>) | undefined
  readonly now?: () => Date
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const empty = createHash('sha256').digest('hex')

/** RFC 3986's unreserved characters stay, and the slash. */
const encoded = (path: string): string =>
  encodeURIComponent(path)
    .replace(/%2F/g, '/')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * A request for the object `s3://bucket/key`, signed with AWS Signature Version 4.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export async function signedGet(uri: URL, access: S3Access): Promise<{ url: URL; headers: Record<string, string> }> {
  const { region, endpoint, now = () => new Date() } = access
  const key = encoded(decodeURIComponent(uri.pathname.slice(1)))
  const url = endpoint
    ? new URL(`${endpoint.pathname.replace(/\/$/, '')}/${uri.host}/${key}`, endpoint)
    : new URL(`https://${uri.host}.s3.${region}.amazonaws.com/${key}`)
  const credentials = await access.credentials?.()
  if (!credentials) return { url, headers: {} }
  const time = now()
    .toISOString()
    .replace(/[-:]|\.\d{3}/g, '')
  const signed: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': empty,
    'x-amz-date': time,
    ...(credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {}),
  }
  const names = Object.keys(signed).join(';')
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`)
  const canonical = ['GET', url.pathname, '', lines.join(''), names, empty].join('\n')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const signing = [region, 's3', 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    hmac(`AWS4${credentials.secretAccessKey}`, time.slice(0, 8)),
  )
  const signature = hmac(signing, text).toString('hex')
  const { host: _, ...headers } = signed
  return {
    url,
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
  }
}
