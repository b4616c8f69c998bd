import type { Input } from '@pulumi/pulumi'
import type { Size } from '../../../policies/model/service.ts'
import type { Duration } from '../../../policies/model/units.ts'
import type { ServiceName } from '../../../policies/services.ts'
import type { Probes } from './probe.ts'

/** Files of one mounted folder: name → content. */
export type Files = Readonly<Record<string, Input<string>>>

/** What a workload offers to other constructs. */
export interface IWorkload {
  readonly service: ServiceName
  readonly namespace: string
}

/** How the pods of a workload live. */
export type WorkloadKind =
  /** Pods are alike and come and go. */
  | 'deployment'
  /** Pods have names and keep their data. */
  | 'stateful'
  /** Pods run to their end once for every change of what they are told. */
  | 'job'

/** A step before the workload's own container, with the same image, files and limits. */
export interface InitStep {
  readonly name: string
  readonly args: readonly string[]
}

export interface WorkloadProps {
  /** The node of the service graph: gives namespace, ports, edges, start-up and grace. */
  readonly service: ServiceName
  readonly kind: WorkloadKind
  /** Name of the image in the context. Default: the service's name. */
  readonly image?: string
  /** Arguments to the image's entry point. Default: none. */
  readonly args?: readonly string[]
  /** Default: none but ND_POD, ND_SERVICE, ND_REGION and ND_ENVIRONMENT. */
  readonly env?: Readonly<Record<string, Input<string>>>
  /** Default: 1. */
  readonly replicas?: number
  /** Default: the environment's size of the service. */
  readonly size?: Size
  /** Files of /etc/neurodefender/config that everybody may read. Default: none, and no mount. */
  readonly config?: Files
  /** Folder name → files, for this workload only. Default: none. */
  readonly secrets?: Readonly<Record<string, Files>>
  /**
   * Folders that an operator may fill while the pods run, by a ConfigMap or a Secret `<service>-<folder>` of their own making; empty until then.
   * Default: none.
   */
  readonly operators?: Readonly<Record<string, 'config' | 'secret'>>
  /** Files that a pod sees under one name and that differ by pod: mount path → file of `config` with $(ND_POD) in its name. Default: none. */
  readonly perPod?: Readonly<Record<string, string>>
  /** Annotations of the pods. Default: none but the checksum of the files. */
  readonly annotations?: Readonly<Record<string, string>>
  /** The user that the image is made for. Default: 65532. */
  readonly user?: number
  /** Where a durable pod keeps its data. Default: /data. */
  readonly dataPath?: string
  /** Whose certificate is mounted at /etc/neurodefender/tls. Default: the service's own. */
  readonly certificate?: ServiceName
  /** Names outside the region that the certificate is good for as well; an embedded cluster has none. Default: none. */
  readonly certificateNames?: readonly string[]
  /** Default: /healthz and /readyz on the admin port; none for a job. */
  readonly probes?: Probes
  /** Steps before the container. Default: none. */
  readonly init?: readonly InitStep[]
  /** Largest sum of temporary files in /tmp. Default: 64Mi. */
  readonly temporary?: `${number}Mi`
  /**
   * How long a pod that is going away still serves, until nobody sends to it any more.
   * Default: 3s for a deployment that answers callers, else 0s.
   */
  readonly drain?: Duration
}
