import type { PodSpecJson } from '../custom-resource.ts'

/** What we set of ECK's Elasticsearch. */
export interface ElasticsearchSpec {
  readonly version: string
  readonly image: string
  readonly http: { readonly tls: { readonly certificate: { readonly secretName: string } } }
  readonly volumeClaimDeletePolicy: 'DeleteOnScaledownOnly'
  readonly updateStrategy: { readonly changeBudget: { readonly maxSurge: number; readonly maxUnavailable: number } }
  readonly podDisruptionBudget: {
    readonly spec: {
      readonly maxUnavailable: number
      readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    }
  }
  readonly nodeSets: readonly {
    readonly name: string
    readonly count: number
    readonly config: Readonly<Record<string, string | boolean | readonly string[]>>
    readonly podTemplate: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>
        readonly annotations: Readonly<Record<string, string>>
      }
      readonly spec: PodSpecJson
    }
    readonly volumeClaimTemplates: readonly {
      readonly metadata: { readonly name: 'elasticsearch-data' }
      readonly spec: {
        readonly accessModes: readonly ['ReadWriteOnce']
        readonly storageClassName: string
        readonly resources: { readonly requests: { readonly storage: string } }
      }
    }[]
  }[]
}
