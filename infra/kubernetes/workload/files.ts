import type { Input } from '@pulumi/pulumi'
import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { certificateNames, mounted } from '../names.ts'
import { asText, checksum, secretData } from '../output-resolver.ts'
import { issuedCertificate } from './certificate.ts'
import type { Files, WorkloadProps } from './props.ts'

/** What a pod's template needs to know of the workload's files. */
export interface MountedFiles {
  readonly volumes: k8s.Volume[]
  readonly mounts: k8s.VolumeMount[]
  /** Changes with any file, so that the pods are replaced then. */
  readonly checksum: Input<string>
}

const texts = (files: Files): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [name, asText(content)]))

/** A workload's certificate as it is mounted, with the authority that it trusts. Throws RangeError when there is none. */
export function certificateFiles({ context }: ChartScope, service: WorkloadProps['service']): Files {
  const own = context.secrets.certificates?.[service]
  if (!own) throw new RangeError(`The context has no certificate for '${service}'.`)
  return { 'tls.crt': own.certificate, 'tls.key': own.key, 'ca.crt': context.secrets.authority }
}

/** The ConfigMap and the Secrets of a workload: `<service>-config`, `<service>-<folder>`. */
export function workloadFiles(
  construct: Construct,
  scope: ChartScope,
  namespace: string,
  props: WorkloadProps,
): MountedFiles {
  const { service, config, operators = {}, perPod = {} } = props
  const managed = scope.context.cluster.kind === 'managed'
  const secrets: Readonly<Record<string, Files>> = managed
    ? { ...props.secrets }
    : { tls: certificateFiles(scope, props.certificate ?? service), ...props.secrets }
  const volumes: k8s.Volume[] = []
  const mounts: k8s.VolumeMount[] = []
  const all: Record<string, Input<string>> = {}
  const remember = (folder: string, files: Files): void => {
    for (const [name, content] of Object.entries(files)) all[`${folder}/${name}`] = content
  }
  if (config) {
    const name = `${service}-config`
    new k8s.KubeConfigMap(construct, 'config', { metadata: { name, namespace }, data: texts(config) })
    volumes.push({ name: 'config', configMap: { name, defaultMode: 0o444 } })
    mounts.push({ name: 'config', mountPath: mounted('config'), readOnly: true })
    for (const [mountPath, file] of Object.entries(perPod))
      mounts.push({ name: 'config', mountPath, subPathExpr: file, readOnly: true })
    remember('config', config)
  }
  const mount = (folder: string): void => {
    volumes.push({ name: folder, secret: { secretName: `${service}-${folder}`, defaultMode: 0o440 } })
    mounts.push({ name: folder, mountPath: mounted(folder), readOnly: true })
  }
  if (managed) {
    // Replaced under the running pod, so it is no reason for another one: who reads it reads it again.
    const dnsNames = [...certificateNames(scope, props.certificate ?? service), ...(props.certificateNames ?? [])]
    issuedCertificate(construct, scope, { name: service, namespace, dnsNames })
    mount('tls')
  }
  for (const [folder, kind] of Object.entries(operators)) {
    const name = `${service}-${folder}`
    volumes.push(
      kind === 'config'
        ? { name: folder, configMap: { name, optional: true, defaultMode: 0o444 } }
        : { name: folder, secret: { secretName: name, optional: true, defaultMode: 0o440 } },
    )
    mounts.push({ name: folder, mountPath: mounted(folder), readOnly: true })
  }
  for (const [folder, files] of Object.entries(secrets)) {
    const name = `${service}-${folder}`
    new k8s.KubeSecret(construct, folder, { metadata: { name, namespace }, type: 'Opaque', data: secretData(files) })
    mount(folder)
    remember(folder, files)
  }
  return { volumes, mounts, checksum: checksum(all) }
}
