import type { Input } from '@pulumi/pulumi'
import type { PodSpecJson } from '../custom-resource.ts'

/** A value that the operator reads out of a Secret, so that it stands in no object. */
export interface FromSecret {
  readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
}

type Setting = string | number | FromSecret | readonly string[]

/** What we set of the Altinity operator's ClickHouseInstallation. */
export interface ClickHouseInstallationSpec {
  readonly taskID?: string
  readonly defaults: {
    readonly replicasUseFQDN: 'yes' | 'no'
    readonly templates: {
      readonly podTemplate: string
      readonly dataVolumeClaimTemplate: string
    }
  }
  readonly configuration: {
    readonly zookeeper: {
      readonly nodes: readonly { readonly host: string; readonly port: number; readonly secure: 'yes' }[]
      readonly session_timeout_ms: number
      readonly operation_timeout_ms: number
    }
    /** '<user>/<setting>' → value. */
    readonly users: Readonly<Record<string, Setting>>
    /** '<profile>/<setting>' → value. */
    readonly profiles: Readonly<Record<string, string | number>>
    /** '<quota>/interval/<setting>' → value. */
    readonly quotas: Readonly<Record<string, string | number>>
    readonly settings: Readonly<Record<string, string | number>>
    /** File below the server's folder → content. */
    readonly files: Readonly<Record<string, Input<string>>>
    readonly clusters: readonly {
      readonly name: string
      readonly secure: 'yes'
      readonly insecure: 'no'
      readonly pdbManaged: 'yes'
      readonly pdbMaxUnavailable: number
      readonly layout: { readonly shardsCount: number; readonly replicasCount: number }
    }[]
  }
  readonly templates: {
    readonly podTemplates: readonly {
      readonly name: string
      readonly podDistribution: readonly { readonly type: 'ClickHouseAntiAffinity'; readonly topologyKey: string }[]
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>
        readonly annotations: Readonly<Record<string, string>>
      }
      readonly spec: PodSpecJson
    }[]
    readonly volumeClaimTemplates: readonly {
      readonly name: string
      readonly reclaimPolicy: 'Retain'
      readonly spec: {
        readonly accessModes: readonly ['ReadWriteOnce']
        readonly storageClassName: string
        readonly resources: { readonly requests: { readonly storage: string } }
      }
    }[]
  }
}
