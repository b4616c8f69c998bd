import type { Input } from '@pulumi/pulumi'
import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { commonLabels, mounted } from '../names.ts'
import { asText } from '../output-resolver.ts'
import { oneMore } from './rollout.ts'
import { podSecurity } from './security.ts'

export interface PlatformDeploymentProps {
  /** Of the Deployment, and of the account that its pods have. */
  readonly name: string
  readonly namespace: string
  /** By which the pods are found. */
  readonly labels: Readonly<Record<string, string>>
  /** Default: 1. */
  readonly replicas?: number
  /** Default: a new pod comes before an old one goes. */
  readonly strategy?: k8s.DeploymentStrategy
  /** Checksum of what the pods mount: another one replaces them. */
  readonly files: Input<string>
  /** Seconds that a pod may take to end. */
  readonly grace: number
  readonly container: k8s.Container
  readonly volumes: k8s.Volume[]
  /** What else there is to say of the pods. Default: nothing. */
  readonly pod?: Pick<k8s.PodSpec, 'automountServiceAccountToken' | 'dnsPolicy' | 'priorityClassName'>
}

/**
 * A Deployment of what carries the region and is no node of the service graph (name server, mesh, autoscaler), under the restricted profile. Whatever is a
 * node is a Workload.
 */
export function platformDeployment(parent: Construct, scope: ChartScope, props: PlatformDeploymentProps): void {
  const { name, namespace, labels } = props
  new k8s.KubeDeployment(parent, 'deployment', {
    metadata: { name, namespace, labels },
    spec: {
      replicas: props.replicas ?? 1,
      revisionHistoryLimit: 2,
      selector: { matchLabels: labels },
      strategy: props.strategy ?? oneMore,
      template: {
        metadata: {
          labels: { ...commonLabels(scope), ...labels },
          annotations: { 'neurodefender.io/files': asText(props.files) },
        },
        spec: {
          ...props.pod,
          serviceAccountName: name,
          enableServiceLinks: false,
          securityContext: podSecurity,
          terminationGracePeriodSeconds: props.grace,
          containers: [props.container],
          volumes: props.volumes,
        },
      },
    },
  })
}

/** The folders of such a pod: of a Secret its certificate, of a ConfigMap what it is told where there is one, and room for temporary files. */
export function platformFolders({ config, tls }: { readonly config?: string; readonly tls: string }): {
  volumes: k8s.Volume[]
  volumeMounts: k8s.VolumeMount[]
} {
  const told = config === undefined ? [] : [{ name: 'config', configMap: { name: config, defaultMode: 0o444 } }]
  const files = [...told, { name: 'tls', secret: { secretName: tls, defaultMode: 0o440 } }]
  return {
    volumes: [...files, { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('16Mi') } }],
    volumeMounts: [
      ...files.map(({ name }) => ({ name, mountPath: mounted(name), readOnly: true })),
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
}
