import { readFileSync } from 'node:fs'
import type { EnvReader } from '../../../common/config/reader.ts'
import type { Access } from './transport.ts'

const folder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Where the kubelet says that the API server is, and who this pod is. ND_API_… exist for tests and for trying it by hand. */
export function accessConfig(env: EnvReader): Access {
  const host = env.text('KUBERNETES_SERVICE_HOST')
  const port = env.port('KUBERNETES_SERVICE_PORT', 443)
  const file = (name: string, fallback: string): string => {
    const path = env.text(name, fallback)
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      env.problems.push(`${name} names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`)
      return ''
    }
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  const ca = file('ND_API_CA_FILE', `${folder}/ca.crt`)
  const certificate = env.text('ND_API_CERTIFICATE_FILE', 'none')
  if (certificate === 'none') return { server, ca, tokenFile: env.text('ND_API_TOKEN_FILE', `${folder}/token`) }
  return { server, ca, certificate: file('ND_API_CERTIFICATE_FILE', certificate), key: file('ND_API_KEY_FILE', 'none') }
}
