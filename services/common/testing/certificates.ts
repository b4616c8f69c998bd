import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
cryptoProvider.set(webcrypto as never)

const span = () => ({ notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) })

async function pem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** An authority for tests that issues folders of tls.crt, tls.key and ca.crt. */
export class TestAuthority {
  readonly #keys: webcrypto.CryptoKeyPair
  readonly #certificate: X509Certificate
  readonly root: string
  readonly ca: string
  #serial = 1

  private constructor(keys: webcrypto.CryptoKeyPair, certificate: X509Certificate) {
    this.#keys = keys
    this.#certificate = certificate
    this.ca = certificate.toString('pem')
    const root = mkdtempSync(join(tmpdir(), 'nd-test-pki-'))
    process.once('exit', () => rmSync(root, { recursive: true, force: true }))
    this.root = root
  }

  static async create(): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=test authority',
      ...span(),
      keys: keys as never,
      signingAlgorithm: algorithm,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    })
    return new TestAuthority(keys, certificate)
  }

  /** Issues to `name` (also for localhost and 127.0.0.1); answers the folder. */
  async issue(name: string): Promise<string> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await X509CertificateGenerator.create({
      serialNumber: (++this.#serial).toString(16).padStart(2, '0'),
      subject: `CN=${name}`,
      issuer: this.#certificate.subject,
      ...span(),
      publicKey: keys.publicKey as never,
      signingKey: this.#keys.privateKey as never,
      signingAlgorithm: algorithm,
      extensions: [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: name },
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    })
    const dir = join(this.root, name)
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'tls.crt'), certificate.toString('pem'))
    writeFileSync(join(dir, 'tls.key'), await pem(keys), { mode: 0o600 })
    writeFileSync(join(dir, 'ca.crt'), this.ca)
    return dir
  }
}
