import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../files.ts'
import { createAuthority, issue, type KeyPair, type LeafRequest } from './authority.ts'

/** A certificate that ends sooner than this is made anew. */
const renewBefore = 30 * 86_400_000

/** Reads `<base>.crt` and `<base>.key`, or undefined when either is missing. */
export function readPair(base: string): KeyPair | undefined {
  if (!existsSync(`${base}.crt`) || !existsSync(`${base}.key`)) return undefined
  return { certificate: readFileSync(`${base}.crt`, 'utf8'), key: readFileSync(`${base}.key`, 'utf8') }
}

function writePair(base: string, pair: KeyPair): void {
  mkdirSync(dirname(base), { recursive: true, mode: 0o700 })
  writeFileAtomic(`${base}.key`, pair.key, 0o600)
  writeFileAtomic(`${base}.crt`, pair.certificate, 0o644)
}

/** The authority stored at `base`, made when it is not there. */
export async function ensureAuthority(base: string, commonName: string): Promise<KeyPair> {
  const found = readPair(base)
  if (found) return found
  const made = await createAuthority(commonName)
  writePair(base, made)
  return made
}

const fingerprint = (request: LeafRequest, authority: KeyPair): string =>
  createHash('sha256').update(JSON.stringify(request)).update(authority.certificate).digest('hex')

/** The leaf stored at `base`; made anew when it is missing, near its end, or was made for another request or authority. */
export async function ensureLeaf(base: string, authority: KeyPair, request: LeafRequest): Promise<KeyPair> {
  const wanted = fingerprint(request, authority)
  const found = readPair(base)
  if (found && existsSync(`${base}.request`) && readFileSync(`${base}.request`, 'utf8') === wanted) {
    if (new X509Certificate(found.certificate).validToDate.getTime() - Date.now() > renewBefore) return found
  }
  const made = await issue(authority, request)
  writePair(base, made)
  writeFileAtomic(`${base}.request`, wanted, 0o600)
  return made
}
