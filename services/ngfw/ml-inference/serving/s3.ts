import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { SourceData } from '@smithy/types'
import type { Credentials } from '../../../common/aws/credentials.ts'

export interface S3Access {
  /** Of AWS. */
  readonly region: string
  /** A store that is not AWS's; the bucket is then the first part of the path. */
  readonly endpoint?: URL | undefined
  /** Undefined: requests are not signed. */
  readonly credentials?: (() => Promise<Credentials>) | undefined
  readonly now?: () => Date
}

/** SHA-256, or its HMAC under a key, as the signer asks for it. */
class Sha256 {
  readonly #hash: Hash | Hmac

  constructor(key?: SourceData) {
    this.#hash =
      key === undefined ? createHash('sha256') : createHmac('sha256', typeof key === 'string' ? key : bytesOf(key))
  }

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  /** Nobody goes on with one that has given its digest. */
  reset(): void {}
}

const bytesOf = (data: Exclude<SourceData, string>): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)

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
  // Loaded when needed: most models come from the image.
  const { SignatureV4 } = await import('@smithy/signature-v4')
  // The path is encoded already.
  const signer = new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false })
  const { host, hostname, protocol, pathname: path } = url
  const signed = await signer.sign(
    { method: 'GET', protocol, hostname, path, headers: { host } },
    { signingDate: now() },
  )
  const { host: _, ...headers } = signed.headers
  return { url, headers }
}
