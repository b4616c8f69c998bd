import type { Retries } from '../../../policies/calls.ts'

/** An AuthorizationPolicy that allows: who may open which port. Without rules it allows nobody. */
export interface AuthorizationSpec {
  readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly action?: 'ALLOW'
  readonly rules?: readonly {
    readonly from?: readonly [{ readonly source: { readonly principals: readonly string[] } }]
    readonly to: readonly [{ readonly operation: { readonly ports: readonly string[] } }]
  }[]
}

/** What is added to every cluster of some proxies. */
export interface EnvoyFilterSpec {
  readonly workloadSelector: { readonly labels: Readonly<Record<string, string>> }
  readonly configPatches: readonly [
    {
      readonly applyTo: 'CLUSTER'
      readonly match: { readonly context: 'GATEWAY' }
      readonly patch: { readonly operation: 'MERGE'; readonly value: Readonly<Record<string, unknown>> }
    },
  ]
}

/** One route to all pods of one service. */
export interface VirtualServiceSpec {
  readonly hosts: readonly string[]
  readonly gateways: readonly string[]
  readonly exportTo: readonly string[]
  readonly http: readonly [
    {
      readonly name: string
      readonly route: readonly [
        { readonly destination: { readonly host: string; readonly port: { readonly number: number } } },
      ]
      readonly timeout: string
      readonly retries: Retries
    },
  ]
}

/** What proxies tell of the traffic that they see. */
export interface TelemetrySpec {
  readonly tracing: readonly [
    { readonly providers: readonly { readonly name: string }[]; readonly randomSamplingPercentage: number },
  ]
  readonly accessLogging: readonly [
    {
      readonly providers: readonly { readonly name: string }[]
      readonly filter?: { readonly expression: string }
    },
  ]
}
