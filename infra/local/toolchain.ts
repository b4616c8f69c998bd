/** Folders of finished tools and root file systems which the engine can provide. */
export type ArtefactId =
  | 'kubernetes'
  | 'pulumi'
  | 'etcd'
  | 'coredns'
  | 'node-runtime'
  | 'image-base'
  | 'prompt'
  | 'jre'
  | 'kafka'
  | 'redis'
  | 'prometheus'
  | 'alertmanager'
  | 'istiod'
  | 'envoy'
  | 'keda'
  | 'actionlint'
  | 'hpa'
  | 'kubeconform'
  | 'dashboards'
  | 'rsyslog'

/**
 * Where the tools of a local region lie. The engine makes one; a region only reads it, so the
 * same code runs on downloaded, built or hand-placed tools.
 */
export interface Toolchain {
  /** Absolute folder of an artefact; throws when the artefact was not asked for. */
  path(id: ArtefactId): string
  /**
   * Absolute path of an executable that runs as it is: a tool linked to private libraries comes as
   * a wrapper. Throws when no artefact holds it.
   */
  bin(name: string): string
}

/** The definitions of the mesh's kinds, in the artefact `istiod`: all in one YAML file. */
export const meshDefinitions = 'definitions.yaml'

/** The definitions of KEDA's kinds, in the artefact `keda`: a YAML file each. Its programs start no controller of a kind that is not served. */
export const kedaDefinitions = [
  'keda.sh_scaledobjects.yaml',
  'keda.sh_scaledjobs.yaml',
  'keda.sh_triggerauthentications.yaml',
  'keda.sh_clustertriggerauthentications.yaml',
  'eventing.keda.sh_cloudeventsources.yaml',
  'eventing.keda.sh_clustercloudeventsources.yaml',
] as const
