import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A kubeconfig with everything in it, so that it works from any folder. Certificates are base64 of PEM. */
export function kubeconfig(server: string, region: string, user: string, pki: string, pair: string): string {
  const data = (file: string): string => readFileSync(join(pki, file)).toString('base64')
  const name = `neurodefender-${region}`
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': data('ca.crt') } }],
      users: [
        {
          name: user,
          user: { 'client-certificate-data': data(`${pair}.crt`), 'client-key-data': data(`${pair}.key`) },
        },
      ],
      contexts: [{ name, context: { cluster: name, user } }],
      'current-context': name,
    },
    null,
    2,
  )}\n`
}
