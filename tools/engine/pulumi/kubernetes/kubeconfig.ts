import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { load } from 'js-yaml'

/** What it takes to speak to one API server. */
export interface Access {
  readonly server: string
  /** PEM; absent: the machine's trust store. */
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly token?: string | undefined
  readonly serverName?: string | undefined
  /** The context's own namespace. */
  readonly namespace?: string | undefined
}

class KubeconfigError extends Error {
  readonly code = 'BAD_KUBECONFIG'
}

interface Entry {
  readonly name: string
  readonly [key: string]: unknown
}

/** Reads a kubeconfig, given as its text or as a path to it. Throws KubeconfigError, which never holds its content. */
export function readKubeconfig(textOrPath: string, context?: string): Access {
  const isText = textOrPath.includes('\n') || textOrPath.trimStart().startsWith('{')
  if (!isText && !existsSync(textOrPath))
    throw new KubeconfigError(`The kubeconfig '${textOrPath}' does not exist. Is the region up?`)
  const folder = isText ? process.cwd() : dirname(textOrPath)
  let config: { [key: string]: unknown }
  try {
    config = load(isText ? textOrPath : readFileSync(textOrPath, 'utf8')) as typeof config
  } catch {
    // The parser's message quotes the line, which may be a key.
    throw new KubeconfigError(`The kubeconfig ${isText ? 'given as text' : textOrPath} is neither YAML nor JSON.`)
  }
  const entry = (list: string, name: unknown, field: string): Record<string, unknown> => {
    const found = (Array.isArray(config?.[list]) ? (config[list] as Entry[]) : []).find((item) => item.name === name)
    if (!found) throw new KubeconfigError(`The kubeconfig has no entry '${String(name)}' under '${list}'.`)
    return (found[field] ?? {}) as Record<string, unknown>
  }
  const chosen = entry('contexts', context ?? config?.['current-context'], 'context')
  const cluster = entry('clusters', chosen.cluster, 'cluster')
  const user = entry('users', chosen.user, 'user')
  if (typeof cluster.server !== 'string')
    throw new KubeconfigError(`The kubeconfig's cluster '${String(chosen.cluster)}' has no 'server'.`)
  if (cluster['insecure-skip-tls-verify'])
    throw new KubeconfigError('The kubeconfig skips TLS verification; give it the certificate authority instead.')
  if (user.exec || user['auth-provider'])
    throw new KubeconfigError(
      `The kubeconfig's user '${String(chosen.user)}' asks another program for its credentials, which the stand-in provider does not run. Install the official plugin for such a cluster.`,
    )
  /** A PEM in base64 beside a path to it: the data wins, as in client-go. */
  const pem = (from: Record<string, unknown>, key: string): string | undefined => {
    const data = from[`${key}-data`]
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8')
    const path = from[key]
    if (typeof path !== 'string') return undefined
    return readFileSync(isAbsolute(path) ? path : join(folder, path), 'utf8')
  }
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
  const tokenFile = text(user.tokenFile)
  return {
    server: cluster.server.replace(/\/$/, ''),
    ca: pem(cluster, 'certificate-authority'),
    certificate: pem(user, 'client-certificate'),
    key: pem(user, 'client-key'),
    token: text(user.token) ?? (tokenFile ? readFileSync(tokenFile, 'utf8').trim() : undefined),
    serverName: text(cluster['tls-server-name']),
    namespace: text(chosen.namespace),
  }
}
