import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readRegion } from '../../infra/local/region.ts'
import { type ServiceName, services } from '../../policies/services.ts'

/** The address of a running pod, which the machine reaches over the region's cable; `state` is the region's folder. */
export async function podAddress(
  kubectl: string,
  state: string,
  service: ServiceName,
  pod = `${service}-0`,
): Promise<string> {
  const { paths } = readRegion(basename(state), dirname(state))
  const args = ['--kubeconfig', paths.kubeconfig, '-n', services[service].namespace, 'get', 'pod', pod]
  const { stdout } = await promisify(execFile)(kubectl, [...args, '-o', 'jsonpath={.status.podIP}'])
  return stdout.trim()
}

/** A certificate of the region's own, and the authority of all: what a client of Kafka shows. Paths and PEM. */
export function certificateOf(state: string, service: ServiceName) {
  const { paths } = readRegion(basename(state), dirname(state))
  const at = (...path: string[]) => join(paths.workloadPki, ...path)
  const files = { ca: at('ca.crt'), cert: at(service, 'tls.crt'), key: at(service, 'tls.key') }
  const read = (path: string) => readFileSync(path, 'utf8')
  return { files, pem: { ca: read(files.ca), cert: read(files.cert), key: read(files.key) } }
}
